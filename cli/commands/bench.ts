import { runBench } from '../../bench/run-bench.ts'
import { readInteger } from '../../lib/read-variable.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Measure what metrics, request ids and logs cost, against the same application without them',
  details: `Each variant is compiled and runs alone on one core, the load generator on another, in turn, round by round. Then: start to ready,
memory, and the cost of a scrape. Linux with taskset (util-linux), two cores and an idle machine are needed.
Exit codes: 0 passed, 1 failed, 75 inconclusive: other processes ran on the server's core.`,
  run(_, signal) {
    const limits = { minimum: 1, maximum: 100 }
    const rounds = readInteger(process.env, 'ROUNDS', { ...limits, fallback: 9 })
    const seconds = readInteger(process.env, 'SECONDS', { ...limits, fallback: 2 })
    return runBench(rounds, seconds, process.env.REPORTS || 'reports/bench', signal)
  },
}
