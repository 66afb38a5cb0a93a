import { openApiServer } from '../../platforms/kubernetes/cluster/api-server.ts'
import { readClusterSettings } from '../../platforms/kubernetes/cluster-settings.ts'
import { kubernetesPlatform } from '../../platforms/kubernetes/kubernetes.ts'
import { installMonitoring } from '../../platforms/kubernetes/monitoring/releases.ts'
import { deployService } from '../../platforms/kubernetes/service/deploy.ts'
import type { CommandLine } from '../command.ts'
import { openClusterLoudly, printLinks } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Build the release image, deploy it to the cluster, and install or update the monitoring',
  async run(_, signal) {
    const cluster = await openClusterLoudly()
    const settings = readClusterSettings(process.env, cluster.local)
    await deployService(cluster, openApiServer(cluster), settings, console.log, signal)
    console.log('the service is deployed')
    if (!settings.charts) return
    const { profile, overlay, grafana } = settings
    await installMonitoring(cluster, { profile, overlay, grafana, say: console.log, signal })
    await printLinks(kubernetesPlatform(cluster, process.env, console.log))
  },
}
