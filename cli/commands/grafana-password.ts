import { UserError } from '../../lib/user-error.ts'
import { openCluster } from '../../platforms/kubernetes/cluster/cluster.ts'
import { grafanaPassword } from '../../platforms/kubernetes/monitoring/releases.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: "Print the password of Grafana's user admin",
  async run() {
    const password = await grafanaPassword(await openCluster(process.env))
    if (password === undefined) throw new UserError('Grafana is not installed; install it with: make monitoring')
    console.log(password)
  },
}
