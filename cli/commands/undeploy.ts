import { kubernetesPlatform } from '../../platforms/kubernetes/kubernetes.ts'
import type { CommandLine } from '../command.ts'
import { openClusterLoudly } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Remove the service and the monitoring from the cluster',
  async run() {
    const platform = kubernetesPlatform(await openClusterLoudly(), process.env, console.log)
    console.log((await platform.down()).join('\n') || 'nothing was up')
  },
}
