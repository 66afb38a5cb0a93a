import { availableParallelism } from 'node:os'
import { startProgram } from '../../lib/process.ts'
import { ensureProgram } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import type { CommandLine } from '../command.ts'
import { announce, runTests } from '../test-tier.ts'

export const command: CommandLine = {
  summary: 'Check style and types, and run **/*.test.ts: units, sockets, rules, generated files, dashboards, browser',
  details: 'No test depends on the speed of the machine. Of the programs, only promtool is needed.',
  async run(_, signal) {
    announce('test', 2)
    const checks = await startProgram(['make', '--no-print-directory', 'lint', 'typecheck'], { signal }).exited
    if (checks !== 0) return checks
    await ensureProgram(PROGRAMS.promtool, { signal })
    // Concurrent tests run promtool: as many at a time as there are cores.
    return runTests(['--parallel', `--max-concurrency=${availableParallelism()}`, '--coverage'], signal)
  },
}
