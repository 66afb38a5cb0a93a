import { UserError } from './user-error.ts'

type Environment = Readonly<NodeJS.Dict<string>>

/** Reads one of several words from a variable of the environment; an empty variable counts as unset. Throws a {@link UserError}. */
export function readChoice<T extends string>(
  env: Environment,
  variable: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
): T {
  const text = env[variable] || fallback
  const found = choices.find(choice => choice === text)
  if (found !== undefined) return found
  throw new UserError(`${variable}: "${text}" is not accepted; it takes ${listOf(choices)}`)
}

/**
 * Reads an integer from a variable of the environment; an empty variable counts as unset. Throws a {@link UserError}, also
 * when the variable is unset and there is no fallback.
 */
export function readInteger(
  env: Environment,
  variable: string,
  { minimum, maximum, fallback }: { minimum?: number; maximum?: number; fallback?: number },
): number {
  const value = Number(env[variable] || (fallback ?? Number.NaN))
  if (Number.isSafeInteger(value) && value >= (minimum ?? value) && value <= (maximum ?? value)) return value
  const least = minimum === undefined ? '' : ` of at least ${minimum}`
  const range = maximum === undefined ? least : ` from ${minimum} to ${maximum}`
  throw new UserError(`${variable}: "${env[variable] ?? ''}" is not accepted; it takes an integer${range}`)
}

const listOf = (words: readonly string[]) => (words.length === 2 ? words.join(' or ') : words.join(', '))
