import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CAN_TIE, startPiped } from '../lib/process.ts'

setDefaultTimeout(60_000) // for a machine that is busy

const WATCH = resolve(import.meta.dir, 'watch.ts')

/** What the watched process runs: says its version and its process id, then goes on. */
const program = (version: string, more = '') =>
  `console.log('${version} ' + process.pid)\n${more}\nsetInterval(() => {}, 1000)\n`

let folder: string
let entry: string
let watcher: ReturnType<typeof startWatcher>

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'watch-')), 'src')
  await mkdir(folder)
  entry = join(folder, 'main.ts')
})
afterEach(async () => {
  watcher.kill('SIGTERM')
  await watcher.exited
})

/** Starts the watcher on the entry, and gathers what it and its processes print. */
function startWatcher(...options: string[]) {
  const child = startPiped([process.execPath, WATCH, ...options, folder, process.execPath, entry])
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    (async () => {
      for await (const chunk of stream.pipeThrough(new TextDecoderStream())) printed += chunk
    })()

  /** Resolves, once this was printed, to all that was printed. Else the test's own timeout ends it. */
  async function prints(text: string): Promise<string> {
    while (!printed.includes(text)) await Bun.sleep(5)
    return printed
  }
  /** The process id of a version, once it runs. */
  const runs = async (version: string) => Number(new RegExp(`${version} (\\d+)`).exec(await prints(`${version} `))?.[1])
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), exited: child.exited, prints, runs }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Waits until a process is gone. */
async function gone(pid: number) {
  while (isAlive(pid)) await Bun.sleep(5)
}

test('a change replaces the process, also in a folder made after the start', async () => {
  await Bun.write(entry, program('v1'))
  watcher = startWatcher()
  const first = await watcher.runs('v1')
  await Bun.write(join(folder, 'modules', 'new', 'value.ts'), "export const value = 'v2'\n")
  await Bun.write(
    entry,
    program('', "import { value } from './modules/new/value.ts'\nconsole.log(value + ' ' + process.pid)"),
  )
  const second = await watcher.runs('v2')
  expect(isAlive(first)).toBe(false)
  await Bun.write(join(folder, 'modules', 'new', 'value.ts'), "export const value = 'v3'\n")
  await watcher.runs('v3')
  expect(isAlive(second)).toBe(false)
})

test.each([
  ['after the process ended', 'process.exit(1)', 'exit code 1'],
  ['while the process starts', "console.log('begins')\nBun.sleepSync(500)\nprocess.exit(1)", 'begins'],
])(
  'a process that could not start is started again when a file is rewritten with the same contents %s',
  async (_, fails, said) => {
    const missing = join(folder, '..', 'missing') // stands for a file that is missing while the process starts
    const source = program(
      'v1',
      `if (require('node:fs').existsSync('${missing}')) {\n${fails}\n}\nconsole.log('goes on')`,
    )
    await Bun.write(missing, '')
    await Bun.write(entry, source)
    watcher = startWatcher()
    await watcher.prints(said)
    await rm(missing)
    await Bun.write(entry, source)
    await watcher.prints('goes on')
  },
)

test('a change while the process starts is not lost', async () => {
  const slowStart = 'Bun.sleepSync(300)'
  await Bun.write(entry, program('v0', slowStart))
  watcher = startWatcher()
  for (let version = 1; version <= 5; version++) {
    await watcher.runs(`v${version - 1}`) // has read its file, and is not up yet
    await Bun.write(entry, program(`v${version}`, slowStart))
  }
  expect(isAlive(await watcher.runs('v5'))).toBe(true)
})

test('a burst of changes ends in one process, of the last', async () => {
  await Bun.write(entry, program('v0'))
  watcher = startWatcher()
  await watcher.runs('v0')
  for (let version = 1; version <= 100; version++) {
    await Bun.write(join(folder, `${version % 7}.ts`), `${version}`)
    await Bun.write(entry, program(`v${version}`))
    if (version % 10 === 0) await Bun.sleep(version)
  }
  const last = await watcher.runs('v100')
  const printed = await watcher.prints('v100')
  const pids = [...printed.matchAll(/v\d+ (\d+)/g)].map(([, pid]) => Number(pid))
  expect(pids.filter(isAlive)).toEqual([last])
})

test.each([
  ['throws when it has started', 'setTimeout(() => { throw new Error("a mistake") }, 50)'],
  ['cannot be parsed', 'const = 1'],
])('a change that %s waits for the change that mends it', async (_, mistake) => {
  await Bun.write(entry, program('v1'))
  watcher = startWatcher('--crash-ends')
  await watcher.runs('v1')
  await Bun.write(entry, program('v2', mistake))
  await watcher.prints('the process ended with exit code 1; the next change')
  await Bun.write(entry, program('v3'))
  expect(isAlive(await watcher.runs('v3'))).toBe(true)
})

test('a process that ends by itself before any change is started by the next, or ends a watcher with --crash-ends', async () => {
  await Bun.write(entry, program('v1', 'process.exit(7)'))
  watcher = startWatcher('--crash-ends')
  expect(await watcher.exited).toBe(7)

  watcher = startWatcher()
  await watcher.prints('the process ended with exit code 7; the next change')
  await Bun.write(entry, program('v2'))
  await watcher.runs('v2')
})

test('tests, hidden files and files that are written again unchanged start nothing', async () => {
  await Bun.write(entry, program('v1'))
  watcher = startWatcher()
  const first = await watcher.runs('v1')
  for (const name of ['main.test.ts', '.main.ts.swp', 'main.ts~']) await Bun.write(join(folder, name), '')
  await Bun.write(entry, program('v1'))
  await Bun.sleep(200)
  expect(isAlive(first)).toBe(true)
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s reaches the process once, and nothing is left', async signal => {
  const drain = `let signals = 0
    process.on('${signal}', () => { signals++; setTimeout(() => { console.log('signals: ' + signals); process.exit(3) }, 200) })`
  await Bun.write(entry, `${drain}\n${program('v1')}`) // the handler is there before v1 is said
  watcher = startWatcher()
  const pid = await watcher.runs('v1')
  watcher.kill(signal)
  await watcher.prints('signals: 1')
  expect(await watcher.exited).toBe(3)
  expect(isAlive(pid)).toBe(false)
})

test.if(CAN_TIE)('a watcher that is killed leaves no process behind', async () => {
  await Bun.write(entry, program('v1'))
  watcher = startWatcher()
  const pid = await watcher.runs('v1')
  watcher.kill('SIGKILL')
  await gone(pid)
})
