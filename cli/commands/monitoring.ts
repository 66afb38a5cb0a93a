import { readClusterSettings } from '../../platforms/kubernetes/cluster-settings.ts'
import { kubernetesPlatform } from '../../platforms/kubernetes/kubernetes.ts'
import { CHARTS, type HelmRelease } from '../../platforms/kubernetes/monitoring/helm-charts.ts'
import { installMonitoring } from '../../platforms/kubernetes/monitoring/releases.ts'
import type { CommandLine } from '../command.ts'
import { chooseParts, openClusterLoudly, printLinks } from '../open-platform.ts'

const RELEASES = Object.keys(CHARTS) as HelmRelease[]

export const command: CommandLine = {
  summary: 'Install or update Prometheus, blackbox_exporter and Grafana in the cluster, by Helm',
  argument: ['[release]', `only this one: ${RELEASES.join(', ')}`],
  async run([release = process.env.ONLY], signal) {
    const only = chooseParts(RELEASES, release)
    const cluster = await openClusterLoudly()
    const { profile, overlay, grafana } = readClusterSettings(process.env, cluster.local)
    await installMonitoring(cluster, { profile, overlay, grafana, only, say: console.log, signal })
    await printLinks(kubernetesPlatform(cluster, process.env, console.log))
  },
}
