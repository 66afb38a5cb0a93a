import type { CommandLine } from '../command.ts'
import { onPlatform } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Stop the service and its monitoring',
  run: () => onPlatform(async platform => console.log((await platform.down()).join('\n') || 'nothing was up')),
}
