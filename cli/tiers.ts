import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { runCommand } from './run-command.ts'
import { announce, runTests } from './tier.ts'

const HELP = `bun cli/tiers.ts test|prove: runs one tier of the tests; exit code 0 only if all of it passed.

test   lint, types, and **/*.test.ts: units, sockets, rules, generated files, dashboards, the page in a browser. Nothing in
       it depends on the speed of the machine. Of the programs it needs promtool only.
prove  **/*.prove.ts: drills, overload, kills, hostile clients, the supervisor, a sample of the mutations, k6's scenarios. It
       needs all of the programs.
The third tier, the proof on a cluster, is make e2e.
`

const ROOT = resolve(import.meta.dir, '..')

/** Runs lint and type check by make, and then the tests that `bun test` finds. */
async function test(signal: AbortSignal): Promise<number> {
  announce('test', 2)
  const checks = Bun.spawn(['make', '--no-print-directory', 'lint', 'typecheck'], {
    cwd: ROOT,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    signal,
  })
  const code = await checks.exited
  if (code !== 0) return code
  await ensureProgram(PROGRAMS.promtool, { signal })
  // of a file's concurrent tests, which run promtool, as many at a time as there are cores
  return runTests(['--parallel', `--max-concurrency=${availableParallelism()}`, '--coverage'], {}, signal)
}

/** Runs the tests that take long because what they do is real. */
async function prove(signal: AbortSignal): Promise<number> {
  announce('prove', 12)
  for (const program of Object.values(PROGRAMS)) await ensureProgram(program, { signal })
  const files = [...new Bun.Glob('*/**/*.prove.ts').scanSync(ROOT)].filter(file => !file.startsWith('node_modules/'))
  return runTests(
    files.sort().map(file => `./${file}`),
    {},
    signal,
  )
}

async function main([tier]: string[], signal: AbortSignal): Promise<number> {
  if (tier === 'test') return test(signal)
  if (tier === 'prove') return prove(signal)
  console.log(HELP)
  return tier === '--help' ? 0 : 2
}

await runCommand(signal => main(Bun.argv.slice(2), signal))
