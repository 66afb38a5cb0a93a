import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertmanagerConfiguration } from '../../monitoring/alertmanager.ts'
import { GENERATED } from '../../monitoring/generate.ts'
import { DRILL } from '../../monitoring/profiles.ts'
import { probeConfiguration, prometheusConfiguration } from '../../monitoring/scrapes.ts'
import { ensureProgram } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import type { CPULimit } from './cpu-limit.ts'
import type { Settings } from './settings.ts'
import type { Spec } from './supervised.ts'

/** The profile of timing of a local stack: alerts within seconds. */
export const PROFILE = DRILL

const address = (port: number) => `127.0.0.1:${port}`

/** The file that tells Prometheus where the replicas' metrics are. */
const replicasFile = ({ folder }: Settings) => join(folder, 'replicas.json')

/** Their rules. */
export const RULES = join(GENERATED, `rules.${PROFILE.name}.yml`)

/** A file of rules that may be put beside the project's own. */
export const addedRules = ({ folder }: Settings) => join(folder, 'rules', 'added.yml')

/** Port of the metrics of a replica, counted from 0. */
export const metricsPort = ({ ports }: Settings, replica: number) => ports.METRICS_PORT + replica

/** Tells Prometheus which replicas there are. One that is not listed any more is gone, not down. */
export async function listReplicas(settings: Settings, replicas: readonly number[]): Promise<void> {
  const targets = replicas.map(replica => address(metricsPort(settings, replica)))
  await Bun.write(replicasFile(settings), JSON.stringify([{ targets }]))
}

/**
 * A replica of the service, from source, with a limit of its CPU as a pod has one. All share the port of the API; each has one
 * of its own for its metrics.
 */
export function replicaSpec(settings: Settings, replica: number, limit: CPULimit): Spec {
  const port = metricsPort(settings, replica)
  const name = `replica-${replica + 1}`
  const { before, bunArguments } = limit.wrap(name)
  return {
    name,
    command: [...before, process.execPath, ...bunArguments, join(import.meta.dir, '../../src/main.ts')],
    env: {
      CPU_LIMIT: `${settings.cpuLimit}`,
      HOST: '127.0.0.1',
      PORT: `${settings.ports.PORT}`,
      METRICS_PORT: `${port}`,
      REUSE_PORT: 'on',
      READINESS_DELAY_SECONDS: '0', // nothing stands before it that would have to notice
      LOG_LEVEL: process.env.LOG_LEVEL || 'warn', // a line a request would fill the disk of a long load
    },
    log: log(settings.folder, name),
    health: `http://${address(port)}/metrics`,
  }
}

const log = (folder: string, name: string) => join(folder, 'logs', `${name}.log`)

/** Writes what the programs that watch read, and returns how to run them, in the order of starting. */
export async function monitoringSpecs(settings: Settings): Promise<Spec[]> {
  const { folder, ports } = settings
  const write = (name: string, configuration: object) => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify(configuration, null, 2)) // JSON is YAML
    return file
  }
  mkdirSync(join(folder, 'data'), { recursive: true })
  const [node, blackbox, alertmanager, prometheus] = [
    address(ports.NODE_EXPORTER_PORT),
    address(ports.BLACKBOX_EXPORTER_PORT),
    address(ports.ALERTMANAGER_PORT),
    address(ports.PROMETHEUS_PORT),
  ]
  const webhook = `http://${address(ports.RECEIVER_PORT)}/alerts`
  const targets = {
    replicasFile: replicasFile(settings),
    api: address(ports.PORT),
    blackboxExporter: blackbox,
    nodeExporter: node,
    alertmanager,
    prometheus,
  }
  return [
    {
      name: 'node_exporter',
      command: [await ensureProgram(PROGRAMS.node_exporter), `--web.listen-address=${node}`],
      log: log(folder, 'node_exporter'),
      health: `http://${node}/metrics`,
    },
    {
      name: 'blackbox_exporter',
      command: [
        await ensureProgram(PROGRAMS.blackbox_exporter),
        `--config.file=${write('blackbox.yml', probeConfiguration)}`,
        `--web.listen-address=${blackbox}`,
      ],
      log: log(folder, 'blackbox_exporter'),
      health: `http://${blackbox}/-/healthy`,
    },
    await alertmanagerSpec(
      folder,
      alertmanager,
      write('alertmanager.yml', alertmanagerConfiguration(PROFILE, webhook)),
    ),
    await prometheusSpec(
      folder,
      prometheus,
      write('prometheus.yml', prometheusConfiguration(PROFILE, [RULES, addedRules(settings)], targets)),
    ),
  ]
}

/** Alertmanager at an address, alone, with a configuration; its data and its log are in the folder. */
export const alertmanagerSpec = async (folder: string, address: string, configuration: string): Promise<Spec> => ({
  name: 'alertmanager',
  command: [
    await ensureProgram(PROGRAMS.alertmanager),
    `--config.file=${configuration}`,
    `--storage.path=${join(folder, 'data', 'alertmanager')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=', // no gossip
  ],
  log: log(folder, 'alertmanager'),
  health: `http://${address}/-/ready`,
})

/** Prometheus, as above. */
export const prometheusSpec = async (folder: string, address: string, configuration: string): Promise<Spec> => ({
  name: 'prometheus',
  command: [
    await ensureProgram(PROGRAMS.prometheus),
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(folder, 'data', 'prometheus')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver', // k6's results
    '--storage.tsdb.retention.time=7d', // longer than the longest window of an error budget
  ],
  log: log(folder, 'prometheus'),
  health: `http://${address}/-/ready`,
})
