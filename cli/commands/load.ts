import { readChoice } from '../../lib/read-variable.ts'
import { SCENARIOS } from '../../loadtest/scenarios.ts'
import type { CommandLine } from '../command.ts'
import { onPlatform, requireStatus } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Load the service with k6',
  details: 'The exit code is that of k6: 0 when every threshold was met, 99 when one was not.',
  run: (_, signal) =>
    onPlatform(async platform => {
      const scenario = readChoice(process.env, 'SCENARIO', SCENARIOS, 'load')
      await requireStatus(platform)
      return (await platform.load({ scenario, variables: {}, signal })).code
    }),
}
