import type { CommandLine } from '../command.ts'
import { runDrill } from './drill.ts'

export const command: CommandLine = {
  summary: 'Run the overload drill on this machine, on a stack of its own, in about two minutes',
  details: `It needs no cluster, no container and no root. KEEP=1 leaves the stack up.
Exit codes: 0 passed, 1 failed, 75 inconclusive: the machine had no CPU left.`,
  run(_, signal) {
    process.env.PLATFORM = 'local'
    return runDrill('overload', true, signal)
  },
}
