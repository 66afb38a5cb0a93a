import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PORTS } from '../platforms/local/settings.ts'
import { copyProject } from '../test/copy.ts'
import { run } from '../test/process.ts'
import { WITH_INSTALL } from '../test/programs.ts'
import type { Story } from './story.ts'

/** Milliseconds that a short drill may take. */
const DRILL = 420_000

/** Twice more, where it fails: a neighbour on the machine that eats a core for a moment is no fault of the alerts. */
const AGAIN = { timeout: DRILL, retry: 2 }

/** A folder and ports of its own for each drill. */
function surroundings(base: number) {
  const folder = mkdtempSync(join(tmpdir(), 'drill-'))
  const ports = Object.fromEntries(Object.keys(PORTS).map((variable, i) => [variable, `${base + 10 * i}`]))
  const env: NodeJS.Dict<string> = {
    ...process.env,
    ...ports,
    PLATFORM: 'local',
    STACK_DIR: folder,
    REPORTS: join(folder, 'reports'),
  }
  return { folder, ports, env, root: resolve(import.meta.dir, '..') }
}

type Surroundings = ReturnType<typeof surroundings>

/** A short drill that runs. */
function drill({ env, root }: Surroundings, ...args: string[]) {
  const command = [process.execPath, 'drills/command.ts', 'overload', '--own', '--short', ...args]
  const child = Bun.spawn(command, { cwd: root, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  let out = ''
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) out += chunk
  })()
  return {
    child,
    /** Resolves when it has said this. */
    async said(text: string) {
      while (!out.includes(text)) {
        if (child.exitCode !== null)
          throw new Error(`it ended with ${child.exitCode} before it said "${text}":\n${out}`)
        await Bun.sleep(50)
      }
    },
    async end() {
      const [code, err] = await Promise.all([child.exited, child.stderr.text(), reading])
      return { code, out, err }
    },
  }
}

const storyOf = async ({ env }: Surroundings): Promise<Story> => {
  const [name] = readdirSync(env.REPORTS as string)
  return await Bun.file(join(env.REPORTS as string, `${name}`, 'report.json')).json()
}

/** What runs of a drill, by its folder or one of its ports. */
async function left({ folder, ports }: Surroundings): Promise<string[]> {
  const { out } = await run(['ps', '-eo', 'pid,args'])
  const traces = [folder, ...Object.values(ports).map(port => `127.0.0.1:${port}`)]
  return out.split('\n').filter(line => traces.some(trace => line.includes(trace)))
}

/** What a drill started ends with it; the kernel needs a moment for that. */
async function nothingLeft(place: Surroundings): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; await Bun.sleep(100))
    if ((await left(place)).length === 0) return
  expect(await left(place)).toEqual([])
}

const pidOf = async (place: Surroundings, text: string) =>
  Number(
    (await left(place))
      .find(line => line.includes(text))
      ?.trim()
      .split(' ')[0],
  )

let place: Surroundings
afterEach(() => nothingLeft(place))

describe('the overload drill', () => {
  test(
    'tells the whole story, with every demand met',
    async () => {
      place = surroundings(23_610)
      const { code, out, err } = await drill(place).end()
      console.log(out.slice(out.indexOf('   what')))
      const story = await storyOf(place)
      expect(story.checks.filter(({ ok }) => !ok)).toEqual([])
      expect({ code, failure: story.failure, err }).toEqual({ code: 0, failure: undefined, err: '' })

      const expected = story.alerts.filter(alert => alert.expected)
      expect(expected.map(({ name }) => name).sort()).toEqual(['HighLatency', 'ServiceUnresponsive'])
      for (const { detection } of expected) {
        const sum = detection?.parts.reduce((sum, { seconds }) => sum + seconds, 0) ?? Number.NaN
        expect(Math.abs(sum - (detection?.total ?? Number.NaN))).toBeLessThan(story.settings.scrapeInterval)
      }
      for (const { id, points } of story.series)
        expect({ id, empty: points.length === 0 }).toEqual({ id, empty: false })
      for (const { name, own } of story.phases)
        expect({ name, p95: own.p95.value }).toEqual({ name, p95: expect.any(Number) })
      expect(out).toMatch(/ServiceUnresponsive: inactive → pending/)
      expect(out).toMatch(/prometheus: ended/)
    },
    { ...AGAIN, timeout: WITH_INSTALL },
  )

  test(
    'Alertmanager killed during the overload: it says so, and ends',
    async () => {
      place = surroundings(23_710)
      const running = drill(place)
      await running.said('\nOverload:')
      process.kill(await pidOf(place, 'alertmanager'), 'SIGKILL')
      const { code, out } = await running.end()
      expect(out).toMatch(/FAILED: Overload: .*: alertmanager ended by signal SIGKILL/)
      expect(out).toContain('✗ failed  ServiceUnresponsive: overload to delivered')
      expect(code).toBe(1)
    },
    AGAIN,
  )

  test(
    'a rule that is broken: the alert that does not come is named',
    async () => {
      place = surroundings(23_810)
      const root = join(place.folder, 'copy')
      await copyProject(root)
      const rules = join(root, 'monitoring/generated/rules.drill.yml')
      const text = await Bun.file(rules).text()
      const broken = text.replace(/(alert: HighLatency\n\s+expr: "?[^\n]*) > 0\.25/, '$1 > 250')
      expect(broken).not.toBe(text)
      writeFileSync(rules, broken)

      const { code, out } = await drill({ ...place, root }).end()
      expect(out).toMatch(
        /FAILED: Overload: not delivered within 45 s of its begin: HighLatency \(at the end it was inactive/,
      )
      expect(out).not.toContain('ServiceUnresponsive (at the end')
      expect(code).toBe(1)
    },
    AGAIN,
  )

  test(
    'a replica that does not start: its port is named',
    async () => {
      place = surroundings(23_910)
      const port = Number(place.ports.METRICS_PORT) + 1
      const squatter = Bun.serve({ hostname: '127.0.0.1', port, fetch: () => new Response() })
      const { code, out } = await drill(place).end()
      await squatter.stop(true)
      expect(out).toContain(`FAILED: METRICS_PORT: port ${port} of 127.0.0.1, for replica 2, is in use`)
      expect(code).toBe(1)
    },
    DRILL,
  )

  test('a folder that cannot be written: it is named, before anything is started', async () => {
    place = surroundings(24_010)
    const { code, err } = await drill({ ...place, env: { ...place.env, REPORTS: '/proc/reports' } }).end()
    expect(err).toContain('set REPORTS to another folder')
    expect(code).toBe(1)
  })

  test(
    'Ctrl-C: it says what it ends, and writes what it saw',
    async () => {
      place = surroundings(24_110)
      const running = drill(place)
      await running.said('\nCapacity of 2')
      running.child.kill('SIGINT')
      const { code, out, err } = await running.end()
      expect(err).toContain('SIGINT: ending what was started')
      expect(out).toContain('replica-1: ended')
      expect((await storyOf(place)).failure).toBe('it was stopped by SIGINT')
      expect(code).toBe(130)
    },
    DRILL,
  )

  test(
    'the drill itself killed: nothing goes on without it',
    async () => {
      place = surroundings(24_210)
      const running = drill(place)
      await running.said('\nCapacity of 1')
      running.child.kill('SIGKILL')
      expect((await running.end()).code).toBe(137)
    },
    DRILL,
  )
})
