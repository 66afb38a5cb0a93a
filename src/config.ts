import { SERVICE_CONFIG } from '../service.config.ts'
import { LOG_LEVELS } from './telemetry/logger.ts'

/** The configuration of the service. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly metricsPort: number
  /** Whether replicas on one machine share the port of the API. */
  readonly reusePort: boolean
  readonly faults: boolean
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Time between turning not ready and closing the listener, in which load balancers stop sending requests. */
  readonly readinessDelaySeconds: number
  /** Time that requests in flight then have to end. */
  readonly drainTimeoutSeconds: number
}

/** A bad value in the environment. The message is one line: the variable, its value unless it is secret, and what is accepted. */
export class ConfigError extends Error {}

/** What a kind of variable accepts, in words, and its parser, which returns undefined for a text that is not accepted. */
interface Kind<T> {
  readonly accepted: string
  readonly parse: (text: string) => T | undefined
}

/** A variable of the environment. */
interface Setting<T> extends Kind<T> {
  readonly variable: string
  /** The text that an unset variable stands for; undefined: the variable must be set. */
  readonly fallback: string | undefined
  readonly meaning: string
  /** Whether no message may repeat the value, such as a password. */
  readonly isSecret: boolean
}

/** The variables of a configuration, by its keys. */
export type Settings<T> = { readonly [Key in keyof T]: Setting<T[Key]> }

/** A variable with a default. */
export function setting<T>(variable: string, fallback: string, meaning: string, kind: Kind<T>): Setting<T> {
  return { variable, fallback, meaning, isSecret: false, ...kind }
}

/** A variable that must be set. */
export const requiredSetting = <T>(variable: string, meaning: string, kind: Kind<T>): Setting<T> => ({
  ...setting(variable, '', meaning, kind),
  fallback: undefined,
})

/** The same variable, whose value no message repeats. */
export const secret = <T>(setting: Setting<T>): Setting<T> => ({ ...setting, isSecret: true })

/** A number that is at most `maximum`. @public */
export const number = (accepted: string, maximum: number, pattern: RegExp): Kind<number> => ({
  accepted,
  parse: text => (pattern.test(text) && Number(text) <= maximum ? Number(text) : undefined),
})
/** A text that a pattern matches. */
export const text = (accepted: string, pattern: RegExp): Kind<string> => ({
  accepted,
  parse: text => (pattern.test(text) ? text : undefined),
})
const oneOf = <T>(values: ReadonlyMap<string, T>): Kind<T> => ({
  accepted: `one of ${[...values.keys()].join(', ')}`,
  parse: text => values.get(text),
})

const PORT = number('an integer from 0 to 65535 (0: any free one)', 65_535, /^\d{1,5}$/)
const SECONDS = number('seconds from 0 to 600, such as 5 or 0.5', 600, /^\d{1,3}(\.\d{1,3})?$/)
const HOST = text('an IP address or a host name', /^[\w.:-]+$/)
const ON_OFF = oneOf(new Map().set('on', true).set('off', false))
const LEVEL = oneOf(new Map(LOG_LEVELS.map(level => [level, level])))

const { ports } = SERVICE_CONFIG

/** The variables of every service: default, meaning and accepted values. */
export const SETTINGS: Settings<Config> = {
  host: setting('HOST', '127.0.0.1', 'address to listen on; :: for all addresses, 0.0.0.0 for all of IPv4', HOST),
  port: setting('PORT', `${ports.api}`, 'port of the API', PORT),
  metricsPort: setting('METRICS_PORT', `${ports.metrics}`, 'port of /metrics', PORT),
  reusePort: setting('REUSE_PORT', 'off', 'whether replicas on this machine share PORT (Linux balances them)', ON_OFF),
  faults: setting('FAULTS', 'off', 'whether /faults exists, to break the service on purpose', ON_OFF),
  logLevel: setting('LOG_LEVEL', 'info', 'least severe level that is logged; requests are info', LEVEL),
  readinessDelaySeconds: setting('READINESS_DELAY_SECONDS', '5', 'from SIGTERM to closing the listener', SECONDS),
  drainTimeoutSeconds: setting('DRAIN_TIMEOUT_SECONDS', '20', 'time that requests in flight then have to end', SECONDS),
}

function read<T>(env: NodeJS.Dict<string>, { variable, fallback, accepted, isSecret, parse }: Setting<T>): T {
  const text = env[variable] || fallback
  if (text === undefined) throw new ConfigError(`${variable} is not set; it takes ${accepted}`)
  const value = parse(text)
  if (value !== undefined) return value
  throw new ConfigError(
    `${variable}: ${isSecret ? 'the value' : JSON.stringify(text)} is not accepted; it takes ${accepted}`,
  )
}

function readAll<T>(env: NodeJS.Dict<string>, settings: Settings<T>): T {
  const all = Object.entries(settings) as [string, Setting<unknown>][]
  return Object.fromEntries(all.map(([key, setting]) => [key, read(env, setting)])) as T
}

/**
 * Reads the configuration. An empty variable counts as unset. Throws a {@link ConfigError} at the first bad value.
 * @param own the variables that this service has beside those of every service
 */
export function readConfig<Own extends object>(env: NodeJS.Dict<string>, own: Settings<Own>): Config & Own {
  const config = { ...readAll(env, SETTINGS), ...readAll(env, own) }
  if (config.port !== config.metricsPort || config.port === 0) return config
  throw new ConfigError(`METRICS_PORT: "${config.metricsPort}" is not accepted; it takes a port other than PORT's`)
}

/** The meaning of each variable of every service. */
export const CONFIG_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(SETTINGS).map(({ variable, meaning }) => [variable, meaning]),
)

/** Describes the variables for `--help`: meaning, accepted values and default. */
export function describeConfig(own: Settings<object>): string {
  const line = ({ variable, fallback, meaning, accepted }: Setting<unknown>) =>
    `  ${variable.padEnd(24)} ${meaning}: ${accepted}; ${fallback === undefined ? 'must be set' : `default ${fallback}`}`
  return Object.values<Setting<unknown>>({ ...SETTINGS, ...own })
    .map(line)
    .join('\n')
}
