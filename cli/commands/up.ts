import type { CommandLine } from '../command.ts'
import { onPlatform, printStatus, requireStatus } from '../open-platform.ts'

/** Seconds that a stack usually takes to start; on a cluster, an image is built and three charts are installed. */
const USUAL_SECONDS = { local: 4, kubernetes: 60 }

export const command: CommandLine = {
  summary: 'Start the service and its monitoring, and wait until every part is healthy',
  details: 'What is up already stays as it is.',
  run: (_, signal) =>
    onPlatform(async (platform, progress) => {
      const before = await platform.status()
      if (before?.monitoring && before.replicas > 0) {
        console.log('up already:')
        return printStatus(platform, before)
      }
      progress.step('Start the service, Prometheus, Alertmanager and the exporters', USUAL_SECONDS[platform.name])
      await platform.up({ signal })
      progress.end()
      return printStatus(platform, await requireStatus(platform))
    }),
}
