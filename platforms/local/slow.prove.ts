// A local stack whose programs are made up: each is healthy when the test says so. HTTP_PROXY is set throughout.
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from '../../lib/process.ts'
import { programs } from '../../test/kubectl.ts'
import { PORTS } from './local-settings.ts'
import { SupervisedProcess } from './supervised-process.ts'

const ports = Object.fromEntries(Object.keys(PORTS).map((variable, i) => [variable, `${28_410 + 10 * i}`]))

const addresses = Object.values(ports).map(port => `127.0.0.1:${port}`)

/** A proxy that keeps what it is asked for. */
const proxied: string[] = []
const proxy = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    proxied.push(request.url)
    return new Response('a page of the proxy', { status: 502 })
  },
})
/** Ends what a test that failed has left running. */
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})
afterAll(() => proxy.stop(true))
beforeEach(() => {
  proxied.length = 0
})

/** A program that answers at `--web.listen-address` after what the shell does first. */
const program = (first = '') => `
[ "$1" = --version ] && exec echo "\${0##*/}, version 99.0.0"
for word; do case $word in --web.listen-address=*) export ADDRESS="\${word#*=}" ;; esac; done
${first}
exec ${process.execPath} -e 'Bun.serve({ hostname: "127.0.0.1", port: process.env.ADDRESS.split(":")[1], fetch: () => new Response() })' "$@"`
const NEVER_LISTENS = program('echo still loading; while :; do sleep 1; done')

function stack(alertmanager = program()) {
  const folder = mkdtempSync(join(tmpdir(), 'slow-'))
  const path = programs({
    k6: 'echo "k6 v99.0.0"',
    prometheus: program(),
    node_exporter: program(),
    blackbox_exporter: program(),
    alertmanager,
  })
  const env = {
    ...process.env,
    ...ports,
    PATH: path,
    PLATFORM: 'local',
    STACK_DIR: folder,
    CPU_LIMIT: '4',
    HTTP_PROXY: proxy.url.origin,
    NO_PROXY: 'internal.example',
    no_proxy: '',
  }
  const command = (name: string, more: NodeJS.Dict<string> = {}) =>
    collect([process.execPath, 'cli/main.ts', name], { env: { ...env, ...more } })
  cleanups.push(() => command('down'))
  /** Command lines of processes that run from the folder of the stack or on its ports. */
  const left = async () => {
    const { out } = await collect(['ps', '-eo', 'args'])
    return out.split('\n').filter(line => [folder, ...addresses].some(trace => line.includes(trace)))
  }
  return { folder, command, left }
}

test('where HTTP_PROXY is set, and NO_PROXY does not name this machine, no request to this machine goes to the proxy', async () => {
  const { command, left } = stack()
  const { code, out, err } = await command('up')
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^Start the service.*\n(without Grafana: .*\n)?$/),
  })
  expect(out).toMatch(/alertmanager +healthy/)
  expect((await left()).length).toBeGreaterThanOrEqual(4)
  expect((await command('fault', { FAULT: 'crash' })).out).toStartWith('404 ') // the service itself answers: no FAULTS=on
  expect((await command('down')).code).toBe(0)
  expect(proxied).toEqual([])
  expect(await left()).toEqual([])
}, 60_000)

test('a program that is not healthy within START_TIMEOUT, which is longer than a quiet connection is kept, is named, and nothing is left', async () => {
  const { command, left, folder } = stack(NEVER_LISTENS)
  const { code, out, err } = await command('up', { START_TIMEOUT: '13' })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('alertmanager did not start: it was not healthy within 13 s')
  expect(err).toContain('START_TIMEOUT sets another time')
  expect(err).toContain('still loading')
  expect(await left()).toEqual([])
  expect(existsSync(join(folder, '.stack/control.sock'))).toBe(false)
  expect(await command('down')).toMatchObject({ code: 0, out: 'nothing was up\n' })
}, 60_000)

describe('a program', () => {
  const [address] = addresses
  const supervised = (script: string, startTimeout: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'supervised-'))
    const spec = {
      name: 'it',
      command: ['sh', '-c', script, '-', `--web.listen-address=${address}`],
      log: join(folder, 'log'),
      health: `http://${address}/`,
    }
    const one = new SupervisedProcess(spec, startTimeout)
    cleanups.push(() => one.stop())
    return one
  }

  test('that listens late is waited for', async () => {
    const late = supervised(program('sleep 0.5'), 60)
    await late.start()
    expect(await late.part()).toMatchObject({ state: 'healthy', restarts: 0 })
    await late.stop()
  })

  test('that never listens is stopped, and the end of its log is told', async () => {
    const never = supervised(NEVER_LISTENS, 1)
    await expect(never.start()).rejects.toThrow(
      /it did not start: it was not healthy within 1 s .*\n {2}still loading$/,
    )
    expect(await never.part()).toMatchObject({ state: 'stopped' })
  })
})

describe('a supervisor that breaks off its answers', () => {
  test.each(['up', 'down', 'status', 'scale'])('is not taken for none by %s', async name => {
    const { folder, command } = stack()
    mkdirSync(join(folder, '.stack'))
    const broken = Bun.listen({
      unix: join(folder, '.stack/control.sock'),
      socket: { data: socket => void socket.end() },
    })
    const { code, out, err } = await command(name, { REPLICAS: '2' })
    broken.stop(true)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    const problems = err
      .trim()
      .split('\n')
      .filter(line => !line.startsWith('Scale '))
    expect(problems).toEqual([
      expect.stringMatching(
        /^the supervisor of the stack in \S+\.stack did not answer \(.*parts of the stack may still run/,
      ),
    ])
  })
})
