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
  throw new UserError(
    `${variable}: "${text}" is not accepted; it takes ${choices.join(choices.length === 2 ? ' or ' : ', ')}`,
  )
}

interface NumberLimits {
  readonly minimum?: number
  readonly maximum?: number
  readonly fallback?: number
  /** What the variable takes, for the error. */
  readonly what?: string
}

/**
 * Reads a number from a variable of the environment; an empty variable counts as unset. Throws a {@link UserError}, also when
 * the variable is unset and there is no fallback.
 */
export function readNumber(
  env: Environment,
  variable: string,
  { minimum, maximum, fallback, what = 'a number' }: NumberLimits,
  isAccepted: (value: number) => boolean = Number.isFinite,
): number {
  const value = Number(env[variable] || (fallback ?? Number.NaN))
  if (isAccepted(value) && value >= (minimum ?? value) && value <= (maximum ?? value)) return value
  const least = minimum === undefined ? '' : ` of at least ${minimum}`
  const range = maximum === undefined ? least : ` from ${minimum} to ${maximum}`
  throw new UserError(`${variable}: "${env[variable] ?? ''}" is not accepted; it takes ${what}${range}`)
}

/** Reads an integer as {@link readNumber} reads a number. */
export const readInteger = (env: Environment, variable: string, limits: NumberLimits): number =>
  readNumber(env, variable, { what: 'an integer', ...limits }, Number.isSafeInteger)
