/** Names of the load scenarios; each is a file of this folder. */
export const SCENARIOS = ['smoke', 'load', 'stress', 'spike', 'soak', 'breakpoint', 'capacity'] as const

/** Variables that the scenarios read, except TARGET and SUMMARY. */
export const SCENARIO_VARIABLES = ['RATE', 'DURATION', 'SEED', 'TIMEOUT', 'COST', 'KEEP_ALIVE', 'CLIENTS'] as const
