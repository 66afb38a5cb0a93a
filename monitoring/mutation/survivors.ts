/** Mutants that no test can kill, by `rule: change`, each with the reason. One that is killed after all is an error, too. */
export const SURVIVORS: Readonly<Record<string, string>> = {}
