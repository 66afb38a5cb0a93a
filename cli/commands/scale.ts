import { readInteger } from '../../lib/read-variable.ts'
import type { CommandLine } from '../command.ts'
import { onPlatform } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Change the number of replicas, and wait until each of them serves',
  run: () =>
    onPlatform(async (platform, progress) => {
      const replicas = readInteger(process.env, 'REPLICAS', { minimum: 1 })
      const named = `${replicas} replica${replicas > 1 ? 's' : ''}`
      progress.step(`Scale to ${named}`)
      await platform.scale(replicas)
      progress.end()
      console.log(`${named} serve ${(await platform.links()).api}`)
    }),
}
