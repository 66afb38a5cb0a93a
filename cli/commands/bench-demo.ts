import { benchDemo } from '../../bench/bench-demo.ts'
import { readChoice, readInteger } from '../../lib/read-variable.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Run make demo often, on the idle machine and beside one busy process for each core, and print a table',
  details: `It takes about five minutes for each run of both. Exit code 1 when a run exits with 1, or more than one in twenty does not exit
with 0.`,
  run(_, signal) {
    const runs = readInteger(process.env, 'RUNS', { minimum: 1, fallback: 10 })
    const machine = readChoice(process.env, 'MACHINE', ['idle', 'busy', 'both'], 'both')
    return benchDemo(runs, machine === 'both' ? ['idle', 'busy'] : [machine], signal)
  },
}
