import { deleteAll } from '../../platforms/google/cloud-project.ts'
import { addContext } from '../../platforms/google/cluster-access.ts'
import { contextOf } from '../../platforms/google/google-settings.ts'
import { openCluster } from '../../platforms/kubernetes/cluster/cluster.ts'
import { removeService } from '../../platforms/kubernetes/service/deploy.ts'
import type { CommandLine } from '../command.ts'
import { openGoogle } from '../open-google.ts'

export const command: CommandLine = {
  summary: 'Delete all that make cloud-up and make cloud-deploy created in Google Cloud, and show what is left',
  details:
    'Exit code 1 when anything is left: each line says what it costs, and how to delete it. Run it again after a failure.',
  async run(_, signal) {
    const { settings, options } = openGoogle(signal)
    const { say, gcloud } = options
    async function releaseAddresses(): Promise<void> {
      await addContext(settings, gcloud)
      const cluster = await openCluster({ ...process.env, KUBE_CONTEXT: contextOf(settings) })
      say('deleting the Services with their load balancers')
      await removeService(cluster)
    }
    const left = await deleteAll(settings, options, releaseAddresses)
    if (settings.dryRun) return 0
    if (settings.billingAccount === undefined) say('Budgets were not looked for: BILLING_ACCOUNT is not set')
    say(
      left.length > 0
        ? ['LEFT, and perhaps costing money:', ...left].join('\n  ')
        : `Nothing is left in ${settings.project}.`,
    )
    return left.length > 0 ? 1 : 0
  },
}
