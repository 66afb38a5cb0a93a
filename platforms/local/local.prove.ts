import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { collect } from '../../lib/process.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import { PORTS } from './local-settings.ts'

const NAME = SERVICE_CONFIG.name

const folder = mkdtempSync(join(tmpdir(), 'stack-'))
/** Ports of the test's own, so that a stack that is up beside it does not matter. */
const ports = Object.fromEntries(Object.keys(PORTS).map((variable, i) => [variable, `${23_410 + 10 * i}`]))
const env = { ...process.env, ...ports, PLATFORM: 'local', STACK_DIR: folder }
const state = join(folder, '.stack')

const make = (command: string, more: NodeJS.Dict<string> = {}) =>
  collect([process.execPath, 'cli/main.ts', command], { env: { ...env, ...more } })

/** Processes that were started with the folder or a port of this test. */
async function left(): Promise<string[]> {
  const { out } = await collect(['ps', '-eo', 'pid,args'])
  return out.split('\n').filter(line => line.includes(folder) || line.includes(`127.0.0.1:${ports.PROMETHEUS_PORT}`))
}

const pidOf = async (text: string) =>
  Number(
    (await left())
      .find(line => line.includes(text))
      ?.trim()
      .split(' ')[0],
  )

const api = (path: string) => fetch(`http://127.0.0.1:${ports.PORT}${path}`)

async function eventually(ask: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 30_000; Date.now() < end; await Bun.sleep(100)) if (await ask()) return true
  return false
}

afterAll(async () => {
  await make('down')
})

/** The lines on standard error but for the one that says which step begins. */
const problemsIn = (err: string) =>
  err
    .trim()
    .split('\n')
    .filter(line => !/^(Start|Scale) /.test(line))

const PROGRAMS_OF_A_STACK = [
  'replica-1',
  'alert-receiver',
  'prometheus',
  'alertmanager',
  'node_exporter',
  'blackbox_exporter',
]

describe('a local stack', () => {
  test(
    'comes up healthy, and says what is where',
    async () => {
      const { code, out, err } = await make('up')
      expect({ code, err }).toMatchObject({ code: 0 })
      for (const name of PROGRAMS_OF_A_STACK) expect(out).toMatch(new RegExp(`${name} +healthy`))
      expect(out).toContain(`http://127.0.0.1:${ports.PORT}/swagger`)
      expect((await api(SERVICE_CONFIG.probe.path)).status).toBe(200)
    },
    WITH_INSTALL,
  )

  test('a second up says what is up already, and changes nothing', async () => {
    const before = await left()
    const { code, out } = await make('up')
    expect(code).toBe(0)
    expect(out).toStartWith('up already:')
    expect(await left()).toEqual(before)
  }, 30_000)

  test('scales out and in on one address; Prometheus knows exactly the replicas that there are', async () => {
    const targets = async () => {
      const answer = await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/targets?state=active`)
      const { data } = (await answer.json()) as {
        data: { activeTargets: { labels: { job: string }; health: string }[] }
      }
      return data.activeTargets.filter(({ labels, health }) => labels.job === NAME && health === 'up').length
    }
    expect(await make('scale', { REPLICAS: '2' })).toMatchObject({ code: 0 })
    expect(await eventually(async () => (await targets()) === 2)).toBe(true)
    expect(await make('scale', { REPLICAS: '1' })).toMatchObject({ code: 0 })
    expect(await eventually(async () => (await targets()) === 1)).toBe(true)
    expect((await api(SERVICE_CONFIG.probe.path)).status).toBe(200)
  }, 60_000)

  test.each([
    ['scale', { REPLICAS: '0' }, 'REPLICAS: "0" is not accepted'],
    ['scale', { REPLICAS: '99' }, 'REPLICAS: "99" is not accepted; it takes 1 to'],
    ['load', { SCENARIO: 'flood' }, 'SCENARIO: "flood" is not accepted; it takes smoke, load'],
    ['up', { PLATFORM: 'moon' }, 'PLATFORM: "moon" is not accepted'],
    ['up', { PORT: 'http' }, 'PORT: "http" is not accepted'],
    ['up', { PORT: ports.PROMETHEUS_PORT }, 'is the port of PORT too'],
  ])('%s with %j is refused with one line', async (command, more, line) => {
    const { code, err } = await make(command, more)
    expect(code).toBe(1)
    expect(problemsIn(err)).toEqual([expect.stringContaining(line)])
  })

  test('what dies is started again, and status says so', async () => {
    process.kill(await pidOf('alertmanager'), 'SIGKILL')
    expect(
      await eventually(async () => (await make('status')).out.includes('restarted 1 times, ended by signal SIGKILL')),
    ).toBe(true)
    expect(await eventually(async () => (await make('status')).code === 0)).toBe(true)
  }, 60_000)

  test("load ends with k6's exit code, and its results are in Prometheus", async () => {
    expect(await make('load', { SCENARIO: 'smoke' })).toMatchObject({ code: 0 })
    expect(await make('load', { RATE: '20', DURATION: '3' })).toMatchObject({ code: 0 })
    expect(await make('load', { RATE: '20', DURATION: '3', TIMEOUT: '0.1', SEED: '-1' })).toMatchObject({ code: 107 })
    const query = encodeURIComponent('count_over_time(k6_http_reqs_total[1m])')
    const answer = await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/query?query=${query}`)
    const { data } = (await answer.json()) as { data: { result: object[] } }
    expect(data.result).not.toEqual([])
  }, 60_000)

  test('a supervisor that is killed leaves nothing running, and the next up clears up after it', async () => {
    process.kill(Number(await Bun.file(join(state, 'supervisor.pid')).text()), 'SIGKILL')
    expect(await eventually(async () => (await left()).length === 0)).toBe(true)
    expect(await make('status')).toMatchObject({ code: 1, out: 'nothing is up: make up\n' })
    const again = await make('up')
    expect(again).toMatchObject({ code: 0 })
    expect(again.err).toContain('cleared the state of a stack that did not end by itself')
  }, 60_000)

  test('down ends everything and says what', async () => {
    const { code, out } = await make('down')
    expect(code).toBe(0)
    for (const name of PROGRAMS_OF_A_STACK) expect(out).toMatch(new RegExp(`${name}: ended`))
    expect(await eventually(async () => (await left()).length === 0)).toBe(true)
    expect(existsSync(join(state, 'control.sock'))).toBe(false)
    expect(await make('down')).toMatchObject({ code: 0, out: 'nothing was up\n' })
  }, 60_000)

  test('a port in use is named, and nothing is left', async () => {
    const squatter = Bun.serve({
      hostname: '127.0.0.1',
      port: Number(ports.ALERTMANAGER_PORT),
      fetch: () => new Response(),
    })
    const { code, err } = await make('up')
    await squatter.stop(true)
    expect(code).toBe(1)
    expect(problemsIn(err).join('\n')).toBe(
      `ALERTMANAGER_PORT: port ${ports.ALERTMANAGER_PORT} of 127.0.0.1 is in use; set ALERTMANAGER_PORT to another`,
    )
    expect(await left()).toEqual([])
  }, 30_000)

  test('a folder that cannot be written is named', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { code, err } = await make('up', { STACK_DIR: join(folder, 'file') })
    expect(code).toBe(1)
    expect(err).toContain('cannot be written')
    expect(err).toContain('set STACK_DIR to another folder')
  }, 30_000)
})
