import { localCluster } from '../../platforms/kubernetes/cluster/local-cluster.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Delete the local cluster',
  async run(_, signal) {
    console.log((await localCluster('delete', signal)).trim())
  },
}
