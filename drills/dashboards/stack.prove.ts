// What users do on one stack, by make. What it leaves in Prometheus, every dashboard must show.
import { expect, test } from 'bun:test'
import { nothingLeft, surroundings } from '../../test/drill.ts'
import { run } from '../../test/process.ts'
import { WITH_INSTALL } from '../../test/programs.ts'

/** The targets of make in order, each with its variables. */
const COMMANDS: readonly (readonly [target: string, variables: Readonly<Record<string, string>>])[] = [
  ['up', { FAULTS: 'on' }],
  ['drill', { DRILL: 'daily' }],
  ['fault', { FAULT: 'exception' }],
  ['load', { SCENARIO: 'load', RATE: '20', DURATION: '20' }],
  ['dashboards', {}],
  ['down', {}],
]

test(
  "after the day's drills, a fault and a load, every query of every dashboard has an answer",
  async () => {
    const place = surroundings(26_110)
    for (const [target, variables] of COMMANDS) {
      const env = { ...place.env, ...variables }
      const { code, out, err } = await run(['make', '--silent', target], { cwd: place.root, env })
      if (target === 'drill') console.log(out.slice(out.lastIndexOf('\n\n', out.length - 200)))
      if (code !== 0) console.log(`${out}\n${err}`)
      // `make fault` ends with 1 where the service answers with an error, as it does to an exception
      expect({ target, code }).toEqual({ target, code: 0 })
    }
    await nothingLeft(place)
  },
  WITH_INSTALL,
)
