import { runCommand } from '../../platforms/main.ts'
import { PlatformError } from '../../platforms/platform.ts'
import { runTrials } from './run.ts'
import { SURVIVORS } from './survivors.ts'
import { trials } from './trial.ts'

const HELP = `bun monitoring/mutation/command.ts: changes one thing of each rule at a time, and sees that the unit tests of the alerts notice.

Each comparison is flipped, each bound made ten times as large and as small, each window halved and doubled, each matcher of a
selector and each label of an aggregation dropped, each "for" removed and doubled. At least 95 % must be noticed, and each that is
not is in monitoring/mutation/survivors.ts with the reason.
By environment: RULE, the name of one alert or recording rule (default: all). Exit code 0 only if all of this holds.
`

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.length > 0) {
    console.log(HELP)
    return args[0] === '--help' ? 0 : 2
  }
  const wanted = process.env.RULE
  const all = trials().filter(({ rule }) => !wanted || rule === wanted)
  if (all.length === 0) throw new PlatformError(`RULE: there is no rule ${wanted} that has mutants`)
  console.log(`${all.length} mutants of ${new Set(all.map(({ rule }) => rule)).size} rules`)
  const began = Date.now()
  const { outcomes, problems } = await runTrials(all, signal, ({ name }, outcome, done) => {
    const reason = SURVIVORS[name]
    if (outcome === 'survived') console.log(`  survived  ${name}${reason ? `  (${reason})` : ''}`)
    if (done % 25 === 0) console.log(`${done} of ${all.length}, ${((Date.now() - began) / 1000).toFixed(0)} s`)
  })
  const count = (kind: string) => [...outcomes.values()].filter(outcome => outcome === kind).length
  const [killed, survived] = [count('killed'), count('survived')]
  const share = killed + survived > 0 ? ((100 * killed) / (killed + survived)).toFixed(1) : 0
  console.log(
    `${killed} of ${killed + survived} mutants killed (${share} %), ${count('invalid')} not taken by Prometheus, in ` +
      `${((Date.now() - began) / 1000).toFixed(0)} s`,
  )
  for (const problem of problems) console.error(`✗ ${problem}`)
  return problems.length === 0 ? 0 : 1
}

await runCommand(signal => main(Bun.argv.slice(2), signal))
