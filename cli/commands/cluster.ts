import { localCluster } from '../../platforms/kubernetes/cluster/local-cluster.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Make a local cluster with a registry, by ctlptl and kind',
  async run(_, signal) {
    console.log((await localCluster('apply', signal)).trim())
  },
}
