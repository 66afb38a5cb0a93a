// Drills that run as users run them, in places of their own.
import { expect } from 'bun:test'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PORTS } from '../platforms/local/settings.ts'
import { run } from './process.ts'

/** A folder and ports of its own for each drill. */
export function surroundings(base: number) {
  const folder = mkdtempSync(join(tmpdir(), 'drill-'))
  const ports = Object.fromEntries(Object.keys(PORTS).map((variable, i) => [variable, `${base + 10 * i}`]))
  const env: NodeJS.Dict<string> = {
    ...process.env,
    ...ports,
    HTTP_PROXY: 'http://127.0.0.1:9', // where nothing listens: no drill may ask it for what is on this machine
    NO_PROXY: '',
    no_proxy: '',
    PLATFORM: 'local',
    STACK_DIR: folder,
    REPORTS: join(folder, 'reports'),
  }
  return { folder, ports, env, root: resolve(import.meta.dir, '..') }
}

export type Surroundings = ReturnType<typeof surroundings>

/** Starts a drill: the arguments are those of the command line, such as `drill HighLatency`. */
export function startDrill({ env, root }: Surroundings, ...args: string[]) {
  const command = [process.execPath, 'cli/main.ts', ...args]
  const child = Bun.spawn(command, { cwd: root, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  let out = ''
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) out += chunk
  })()
  return {
    child,
    hasSaid: (text: string) => out.includes(text),
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

/** What the report of the one drill of a place says. */
export const reportOf = async <T>({ env }: Surroundings): Promise<T> => {
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
export async function nothingLeft(place: Surroundings): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; await Bun.sleep(100))
    if ((await left(place)).length === 0) return
  expect(await left(place)).toEqual([])
}

/** The process of a place's drill whose command line has a text. */
export const pidOf = async (place: Surroundings, text: string) =>
  Number(
    (await left(place))
      .find(line => line.includes(text))
      ?.trim()
      .split(' ')[0],
  )

/** The process that another started and whose command line has a text, else NaN. */
export const childOf = async (parent: number, text: string) =>
  Number.parseInt((await run(['pgrep', '--parent', `${parent}`, '--full', text])).out, 10)

/** The process of a place's first replica, which only its environment tells from others. */
export async function replicaOf({ ports }: Surroundings): Promise<number> {
  const { out } = await run([
    'sh',
    '-c',
    'grep -lz "^METRICS_PORT=$1$" /proc/[0-9]*/environ',
    '-',
    `${ports.METRICS_PORT}`,
  ])
  const found = out.split('\n').flatMap(path => /\d+/.exec(path) ?? [])
  for (const pid of found)
    if ((await Bun.file(`/proc/${pid}/cmdline`).text()).includes('src/main.ts')) return Number(pid)
  return Number.NaN
}
