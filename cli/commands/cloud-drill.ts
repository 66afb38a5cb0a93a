import type { CommandLine } from '../command.ts'
import { useGoogleCluster } from '../open-google.ts'
import { command as drill } from './drill.ts'

export const command: CommandLine = {
  summary: 'Run a drill on the cluster of make cloud-up',
  argument: ['[drill]', 'as of make drill (default: overload)'],
  details: `k6 runs in the cluster. With the profile production the overload drill takes about 14 minutes, and the others are refused:
make cloud-deploy PROFILE=drill.`,
  async run(args, signal) {
    const { settings } = await useGoogleCluster(signal)
    return settings.dryRun ? 0 : ((await drill.run(args, signal)) ?? 0)
  },
}
