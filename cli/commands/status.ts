import type { CommandLine } from '../command.ts'
import { onPlatform, printStatus } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Show what runs, and whether it is healthy',
  details: 'Exit code 1 when nothing is up or a part is not healthy.',
  run: () =>
    onPlatform(async platform => {
      const status = await platform.status()
      if (status !== undefined) return printStatus(platform, status)
      console.log('nothing is up: make up')
      return 1
    }),
}
