import { FORWARDS, keepForwarding } from '../../platforms/kubernetes/monitoring/forwards.ts'
import type { CommandLine } from '../command.ts'
import { chooseParts, openClusterLoudly } from '../open-platform.ts'

const NAMES = Object.keys(FORWARDS) as (keyof typeof FORWARDS)[]

export const command: CommandLine = {
  summary: 'Forward Prometheus, Alertmanager, Grafana and the API of the cluster to this machine, until Ctrl-C',
  argument: ['[name]', `only this one: ${NAMES.join(', ')}`],
  async run([name = process.env.ONLY], signal) {
    const names = chooseParts(NAMES, name)
    const cluster = await openClusterLoudly()
    await Promise.all(names.map(name => keepForwarding(cluster, name, console.log, signal)))
  },
}
