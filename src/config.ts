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

/** A bad value in the environment. The message is one line: the variable, its value, and what is accepted. */
export class ConfigError extends Error {}

/** What a kind of variable accepts, in words, and its parser, which returns undefined for a text that is not accepted. */
interface Kind<T> {
  readonly accepted: string
  readonly parse: (text: string) => T | undefined
}

interface Setting<T> extends Kind<T> {
  readonly variable: string
  readonly fallback: string
  readonly meaning: string
}

function setting<T>(variable: string, fallback: string, meaning: string, kind: Kind<T>): Setting<T> {
  return { variable, fallback, meaning, ...kind }
}

const number = (accepted: string, maximum: number, pattern: RegExp): Kind<number> => ({
  accepted,
  parse: text => (pattern.test(text) && Number(text) <= maximum ? Number(text) : undefined),
})
const oneOf = <T>(values: ReadonlyMap<string, T>): Kind<T> => ({
  accepted: `one of ${[...values.keys()].join(', ')}`,
  parse: text => values.get(text),
})

const PORT = number('an integer from 0 to 65535 (0: any free one)', 65_535, /^\d{1,5}$/)
const SECONDS = number('seconds from 0 to 600, such as 5 or 0.5', 600, /^\d{1,3}(\.\d{1,3})?$/)
const HOST = { accepted: 'an IP address or a host name', parse: (text: string) => /^[\w.:-]+$/.exec(text)?.[0] }
const ON_OFF = oneOf(new Map().set('on', true).set('off', false))
const LEVEL = oneOf(new Map(LOG_LEVELS.map(level => [level, level])))

const SETTINGS: { readonly [Key in keyof Config]: Setting<Config[Key]> } = {
  host: setting('HOST', '127.0.0.1', 'address to listen on; :: for all addresses, 0.0.0.0 for all of IPv4', HOST),
  port: setting('PORT', '3000', 'port of the API', PORT),
  metricsPort: setting('METRICS_PORT', '9464', 'port of /metrics', PORT),
  reusePort: setting('REUSE_PORT', 'off', 'whether replicas on this machine share PORT (Linux balances them)', ON_OFF),
  faults: setting('FAULTS', 'off', 'whether /faults exists, to break the service on purpose', ON_OFF),
  logLevel: setting('LOG_LEVEL', 'info', 'least severe level that is logged; requests are info', LEVEL),
  readinessDelaySeconds: setting('READINESS_DELAY_SECONDS', '5', 'from SIGTERM to closing the listener', SECONDS),
  drainTimeoutSeconds: setting('DRAIN_TIMEOUT_SECONDS', '20', 'time that requests in flight then have to end', SECONDS),
}

function read<T>(env: NodeJS.Dict<string>, { variable, fallback, accepted, parse }: Setting<T>): T {
  const text = env[variable] || fallback
  const value = parse(text)
  if (value !== undefined) return value
  throw new ConfigError(`${variable}: ${JSON.stringify(text)} is not accepted; it takes ${accepted}`)
}

/** Reads the configuration. An empty variable counts as unset. Throws a {@link ConfigError} at the first bad value. */
export function readConfig(env: NodeJS.Dict<string>): Config {
  const values = Object.entries(SETTINGS).map(([key, setting]) => [key, read<unknown>(env, setting)])
  const config: Config = Object.fromEntries(values)
  if (config.port !== config.metricsPort || config.port === 0) return config
  throw new ConfigError(`METRICS_PORT: "${config.metricsPort}" is not accepted; it takes a port other than PORT's`)
}

/** The meaning of each variable. */
export const CONFIG_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(SETTINGS).map(({ variable, meaning }) => [variable, meaning]),
)

/** Describes the variables for `--help`: meaning, accepted values and default. */
export function describeConfig(): string {
  const line = ({ variable, fallback, meaning, accepted }: Setting<unknown>) =>
    `  ${variable.padEnd(24)} ${meaning}: ${accepted}; default ${fallback}`
  return Object.values(SETTINGS).map(line).join('\n')
}
