import { dockerAccess } from '../../platforms/google/cloud-resources.ts'
import { LOAD_BALANCER_COSTS } from '../../platforms/google/costs.ts'
import { ownRange } from '../../platforms/kubernetes/service/source-ranges.ts'
import type { CommandLine } from '../command.ts'
import { useGoogleCluster } from '../open-google.ts'
import { command as deploy } from './deploy.ts'

export const command: CommandLine = {
  summary: 'Deploy the release image and the monitoring to the cluster of make cloud-up',
  details: `The overlay gke-small lets only SOURCE_RANGES call the API, by default this machine. PROFILE=drill makes drills short. Run it again
after a failure, or after a change.`,
  async run(args, signal) {
    const { settings, options } = await useGoogleCluster(signal)
    options.say(`The load balancer costs ${LOAD_BALANCER_COSTS} until make cloud-down`)
    await options.gcloud(dockerAccess(settings))
    if (settings.dryRun) return
    if (process.env.OVERLAY === 'gke-small') process.env.SOURCE_RANGES ||= await ownRange()
    await deploy.run(args, signal)
  },
}
