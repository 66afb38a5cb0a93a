import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { UserError } from '../../lib/user-error.ts'

/** Where the parts of a local stack are. Ports are on 127.0.0.1. */
export interface Settings {
  /** Folder of its state, logs and data: `.stack` in `$STACK_DIR`. It is the stack's alone, and removed at a start. */
  readonly folder: string
  /** By the variable that sets it. */
  readonly ports: Readonly<Record<PortVariable, number>>
  /** Cores that a replica may use. */
  readonly cpuLimit: number
  /** Seconds for a program to be healthy after its start. */
  readonly startTimeout: number
}

/** Cores of a replica where CPU_LIMIT says nothing: the limit of a pod (k8s/base/deployment.yaml), for the reasons given there. */
export const CPU_LIMIT = 0.3

/** Seconds where START_TIMEOUT says nothing: Bun and Go start in well under one, but the machine may be busy. */
export const START_TIMEOUT = 30

/** Every port, the usual one of each program, and what listens there. */
export const PORTS = {
  PORT: [3000, 'the API, shared by the replicas'],
  METRICS_PORT: [9464, 'metrics of the first replica; the next ones take the ports that follow'],
  PROMETHEUS_PORT: [9090, 'Prometheus'],
  ALERTMANAGER_PORT: [9093, 'Alertmanager'],
  NODE_EXPORTER_PORT: [9100, 'node_exporter'],
  BLACKBOX_EXPORTER_PORT: [9115, 'blackbox_exporter'],
  GRAFANA_PORT: [3001, 'Grafana, where there is one (make grafana)'],
  RECEIVER_PORT: [9099, 'what a drill receives alerts on'],
} as const satisfies Record<string, readonly [port: number, what: string]>

/** The variables that only the local platform reads. */
export const LOCAL_VARIABLES: Readonly<Record<string, string>> = {
  STACK_DIR: 'folder in which .stack is made, with the state and the logs (default: this one)',
  CPU_LIMIT: `cores that a replica may use (default: ${CPU_LIMIT}, as a pod)`,
  START_TIMEOUT: `seconds for a program to be healthy after its start (default: ${START_TIMEOUT})`,
  ...Object.fromEntries(
    Object.entries(PORTS).map(([variable, [port, what]]) => [variable, `port (default: ${port}): ${what}`]),
  ),
}

/** Less, and a replica does not come up in time; more, and it is none: JavaScript runs on one core. */
const [LEAST_CPU, MOST_CPU] = [0.05, 4]

/** Replicas that this machine has cores for; always one. */
export const mostReplicas = ({ cpuLimit }: Pick<Settings, 'cpuLimit'>) =>
  Math.max(1, Math.floor(availableParallelism() / cpuLimit))

type PortVariable = keyof typeof PORTS

const variables = Object.keys(PORTS) as PortVariable[]

/** Reads the settings from the environment. Throws a {@link UserError} that names the variable that is wrong. */
export function readSettings(env: NodeJS.Dict<string>): Settings {
  const ports = Object.fromEntries(
    variables.map(variable => {
      const text = env[variable] || `${PORTS[variable][0]}`
      if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return [variable, Number(text)]
      throw new UserError(`${variable}: ${JSON.stringify(text)} is not accepted; it takes a port from 1 to 65535`)
    }),
  ) as Settings['ports']

  const taken = new Map<number, string>()
  for (const variable of variables) {
    const other = taken.get(ports[variable])
    if (other) throw new UserError(`${variable}: ${ports[variable]} is the port of ${other} too; set another`)
    taken.set(ports[variable], variable)
  }
  const cpuLimit = Number(env.CPU_LIMIT || CPU_LIMIT)
  if (!(cpuLimit >= LEAST_CPU && cpuLimit <= MOST_CPU))
    throw new UserError(
      `CPU_LIMIT: ${JSON.stringify(env.CPU_LIMIT)} is not accepted; it takes cores, from ${LEAST_CPU} to ${MOST_CPU}`,
    )
  const startTimeout = Number(env.START_TIMEOUT || START_TIMEOUT)
  if (!(startTimeout >= 1 && startTimeout <= 600))
    throw new UserError(
      `START_TIMEOUT: ${JSON.stringify(env.START_TIMEOUT)} is not accepted; it takes seconds, from 1 to 600`,
    )
  return { folder: resolve(env.STACK_DIR || '.', '.stack'), ports, cpuLimit, startTimeout }
}

/** Throws a {@link UserError} that names each of the variables whose port something listens on. */
export function demandFree(settings: Settings, names: readonly PortVariable[]): void {
  const busy = names.filter(name => !isFree(settings.ports[name]))
  if (busy.length === 0) return
  const lines = busy.map(name => `${name}: port ${settings.ports[name]} of 127.0.0.1 is in use; set ${name} to another`)
  throw new UserError(lines.join('\n'))
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } }).stop(true)
    return true
  } catch {
    return false
  }
}
