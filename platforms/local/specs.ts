import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { alertmanagerConfiguration } from '../../monitoring/alertmanager.ts'
import { DRILL } from '../../monitoring/profiles.ts'
import { ruleFile } from '../../monitoring/rules/rules.ts'
import { probeConfiguration, prometheusConfiguration } from '../../monitoring/scrapes.ts'
import { ensureProgram } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import type { CPULimit } from './cpu-limit.ts'
import type { LocalSettings } from './local-settings.ts'
import type { ProcessSpec } from './supervised-process.ts'

/** The timing profile of a local stack: alerts within seconds. */
export const PROFILE = DRILL

const ROOT = join(import.meta.dir, '../..')

const address = (port: number) => `127.0.0.1:${port}`
const logFile = (folder: string, name: string) => join(folder, 'logs', `${name}.log`)

/** The file from which Prometheus discovers the replicas (file_sd). */
const replicasFile = ({ folder }: LocalSettings) => join(folder, 'replicas.json')

/** Writes the rules of the service that commands act on, and returns the path of their file in `folder`. */
export function writeRules(folder: string): string {
  const file = join(folder, 'rules.yml')
  writeFileSync(file, Bun.YAML.stringify(ruleFile(PROFILE), null, 2))
  return file
}

/** Prometheus' configuration. */
export const prometheusFile = ({ folder }: LocalSettings) => join(folder, 'prometheus.yml')

/** A rule file that a drill may add to the project's own. */
export const addedRules = ({ folder }: LocalSettings) => join(folder, 'rules', 'added.yml')

/** The program that receives notifications, here and in a cluster. */
const RECEIVER = join(ROOT, 'k8s/monitoring/receiver.ts')

/** Metrics port of a replica, counted from 0. */
export const metricsPort = ({ ports }: LocalSettings, replica: number) => ports.METRICS_PORT + replica

/** Makes the first replicas the scrape targets. A removed target is gone for Prometheus, not down. */
export async function listReplicas(settings: LocalSettings, count: number): Promise<void> {
  const targets = Array.from({ length: count }, (_, replica) => address(metricsPort(settings, replica)))
  await Bun.write(replicasFile(settings), JSON.stringify([{ targets }]))
}

/** A replica of the service, run from source. All replicas share the API's port; each has its own metrics port. */
export function replicaSpec(settings: LocalSettings, replica: number, limit: CPULimit): ProcessSpec {
  const port = metricsPort(settings, replica)
  const name = `replica-${replica + 1}`
  const { before, bunArguments } = limit.wrap(name)
  return {
    name,
    command: [...before, process.execPath, ...bunArguments, join(ROOT, SERVICE_CONFIG.entry)],
    env: {
      CPU_LIMIT: `${settings.cpuLimit}`,
      HOST: '127.0.0.1',
      PORT: `${settings.ports.PORT}`,
      METRICS_PORT: `${port}`,
      REUSE_PORT: 'on',
      READINESS_DELAY_SECONDS: '0', // no load balancer has to notice
      LOG_LEVEL: process.env.LOG_LEVEL || 'warn', // one line per request would fill the disk during a long load
    },
    log: logFile(settings.folder, name),
    health: `http://${address(port)}/metrics`,
  }
}

/** Writes the configuration of the monitoring stack, and returns how to run its programs. */
export async function monitoringSpecs(settings: LocalSettings): Promise<ProcessSpec[]> {
  const { folder, ports } = settings
  const write = (file: string, configuration: object) => {
    writeFileSync(file, JSON.stringify(configuration, null, 2)) // JSON is YAML
    return file
  }
  mkdirSync(join(folder, 'data'), { recursive: true })
  const targets = {
    replicasFile: replicasFile(settings),
    api: address(ports.PORT),
    blackboxExporter: address(ports.BLACKBOX_EXPORTER_PORT),
    nodeExporter: address(ports.NODE_EXPORTER_PORT),
    alertmanager: address(ports.ALERTMANAGER_PORT),
    prometheus: address(ports.PROMETHEUS_PORT),
  }
  const receiver = address(ports.RECEIVER_PORT)
  const alertmanagerFile = write(
    join(folder, 'alertmanager.yml'),
    alertmanagerConfiguration(PROFILE, `http://${receiver}/alerts`),
  )
  const configuration = prometheusConfiguration(PROFILE, [writeRules(folder), addedRules(settings)], targets)
  const probes = `--config.file=${write(join(folder, 'blackbox.yml'), probeConfiguration)}`
  return [
    {
      name: 'alert-receiver',
      command: [process.execPath, RECEIVER, receiver],
      log: logFile(folder, 'alert-receiver'),
      health: `http://${receiver}/healthz`,
    },
    await monitoringSpec('node_exporter', folder, targets.nodeExporter, '/metrics'),
    await monitoringSpec('blackbox_exporter', folder, targets.blackboxExporter, '/-/healthy', probes),
    await alertmanagerSpec(folder, targets.alertmanager, alertmanagerFile),
    await prometheusSpec(folder, targets.prometheus, write(prometheusFile(settings), configuration)),
  ]
}

/** Alertmanager without a cluster of its own, with a configuration file; data and log are in `folder`. */
export const alertmanagerSpec = (folder: string, address: string, configuration: string) =>
  monitoringSpec(
    'alertmanager',
    folder,
    address,
    '/-/ready',
    `--config.file=${configuration}`,
    `--storage.path=${join(folder, 'data', 'alertmanager')}`,
    '--cluster.listen-address=', // no gossip
  )

/** Prometheus with a configuration file; data and log are in `folder`. */
export const prometheusSpec = (folder: string, address: string, configuration: string) =>
  monitoringSpec(
    'prometheus',
    folder,
    address,
    '/-/ready',
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(folder, 'data', 'prometheus')}`,
    '--web.enable-remote-write-receiver', // for k6
    '--storage.tsdb.retention.time=7d', // longer than the longest window of an error budget
  )

async function monitoringSpec(
  name: keyof typeof PROGRAMS,
  folder: string,
  address: string,
  healthPath: string,
  ...flags: readonly string[]
): Promise<ProcessSpec> {
  return {
    name,
    command: [await ensureProgram(PROGRAMS[name]), ...flags, `--web.listen-address=${address}`],
    log: logFile(folder, name),
    health: `http://${address}${healthPath}`,
  }
}
