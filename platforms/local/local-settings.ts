import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { readInteger, readNumber } from '../../lib/read-variable.ts'
import { UserError } from '../../lib/user-error.ts'

/** Settings of a local stack. */
export interface LocalSettings {
  /** `.stack` in `$STACK_DIR`: state, logs and data of the stack. The next start removes the folder. */
  readonly folder: string
  /** Ports of 127.0.0.1, by the variable that sets them. */
  readonly ports: Readonly<Record<PortVariable, number>>
  /** Cores that a replica may use. */
  readonly cpuLimit: number
  /** Time from the start of a program until the program must be healthy. */
  readonly startTimeoutSeconds: number
}

/** Default cores of a replica: the limit of a pod (k8s/base/deployment.yaml gives the reasons). */
export const CPU_LIMIT = 0.3

/** Default of START_TIMEOUT. Bun and Go start in less than 1 s, but the machine may be busy. */
export const START_TIMEOUT_SECONDS = 30

const { ports } = SERVICE_CONFIG

/** The variable of each port, its default, and what listens there. */
export const PORTS = {
  PORT: [ports.api, 'the API, shared by the replicas'],
  METRICS_PORT: [ports.metrics, 'metrics of the first replica; the next ones take the ports that follow'],
  PROMETHEUS_PORT: [ports.prometheus, 'Prometheus'],
  ALERTMANAGER_PORT: [ports.alertmanager, 'Alertmanager'],
  NODE_EXPORTER_PORT: [9100, 'node_exporter'],
  BLACKBOX_EXPORTER_PORT: [9115, 'blackbox_exporter'],
  GRAFANA_PORT: [ports.grafana, 'Grafana, if installed (make grafana)'],
  RECEIVER_PORT: [9099, 'the receiver of notifications'],
} as const satisfies Record<string, readonly [port: number, what: string]>

/** Ports of the monitoring stack without Grafana. */
export const MONITORING_PORTS = [
  'PROMETHEUS_PORT',
  'ALERTMANAGER_PORT',
  'NODE_EXPORTER_PORT',
  'BLACKBOX_EXPORTER_PORT',
  'RECEIVER_PORT',
] as const

/** The variables that only the local platform reads, with their help. */
export const LOCAL_VARIABLES: Readonly<Record<string, string>> = {
  STACK_DIR: 'folder of .stack, which holds state and logs (default: this folder)',
  CPU_LIMIT: `cores that a replica may use (default: ${CPU_LIMIT}, like a pod)`,
  START_TIMEOUT: `seconds from the start of a program until it must be healthy (default: ${START_TIMEOUT_SECONDS})`,
  ...Object.fromEntries(
    Object.entries(PORTS).map(([variable, [port, what]]) => [variable, `port (default: ${port}): ${what}`]),
  ),
}

/** The number of replicas that this machine has cores for, at least 1. */
export const mostReplicas = ({ cpuLimit }: Pick<LocalSettings, 'cpuLimit'>) =>
  Math.max(1, Math.floor(availableParallelism() / cpuLimit))

type PortVariable = keyof typeof PORTS

/** Names of the files in the folder of a stack that runs: the process id of its supervisor, and its ports. */
export const PID_FILE = 'supervisor.pid'
export const PORTS_FILE = 'ports.json'

/**
 * Reads the settings from the environment; a port that is not set there is that of the stack that runs in the folder, else the
 * default. Throws a {@link UserError} that names the variable that is wrong.
 */
export function readLocalSettings(env: NodeJS.Dict<string>): LocalSettings {
  const timeout = { minimum: 1, maximum: 600, fallback: START_TIMEOUT_SECONDS, what: 'seconds' }
  // Below 0.05 cores a replica misses its start timeout; above 4 the limit never binds, because JavaScript runs on one core.
  const cores = { minimum: 0.05, maximum: 4, fallback: CPU_LIMIT, what: 'cores' }
  const folder = resolve(env.STACK_DIR || '.', '.stack')
  return {
    folder,
    ports: readPorts(env, portsOfRunningStack(folder)),
    cpuLimit: readNumber(env, 'CPU_LIMIT', cores),
    startTimeoutSeconds: readNumber(env, 'START_TIMEOUT', timeout),
  }
}

/** Undefined when no stack runs: its supervisor, which removes the files at its end, may have been killed. */
function portsOfRunningStack(folder: string): LocalSettings['ports'] | undefined {
  const [pidFile, portsFile] = [join(folder, PID_FILE), join(folder, PORTS_FILE)]
  const runs = existsSync(pidFile) && existsSync(`/proc/${readFileSync(pidFile, 'utf8')}`)
  return runs && existsSync(portsFile) ? JSON.parse(readFileSync(portsFile, 'utf8')) : undefined
}

function readPorts(env: NodeJS.Dict<string>, running?: LocalSettings['ports']): LocalSettings['ports'] {
  const ports = {} as Record<PortVariable, number>
  for (const [variable, [standard]] of Object.entries(PORTS) as [PortVariable, readonly [number, string]][]) {
    const fallback = running?.[variable] ?? standard
    const port = readInteger(env, variable, { minimum: 1, maximum: 65_535, fallback, what: 'a port' })
    const other = Object.entries(ports).find(entry => entry[1] === port)?.[0]
    if (other) throw new UserError(`${variable}: ${port} is the port of ${other} too; set another`)
    ports[variable] = port
  }
  return ports
}

/** Throws a {@link UserError} with one line for each variable whose port is in use. */
export function demandFree({ ports }: LocalSettings, names: readonly PortVariable[]): void {
  const lines = names
    .filter(name => !isFree(ports[name]))
    .map(name => `${name}: port ${ports[name]} of 127.0.0.1 is in use; set ${name} to another`)
  if (lines.length > 0) throw new UserError(lines.join('\n'))
}

/** Whether no process listens on a port of 127.0.0.1. */
export function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } }).stop(true)
    return true
  } catch {
    return false
  }
}
