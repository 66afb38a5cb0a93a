// Runs drills as users do, each with a folder and ports of its own.
import { expect } from 'bun:test'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { poll } from '../lib/poll.ts'
import { collect, startPiped } from '../lib/process.ts'
import { PORTS } from '../platforms/local/local-settings.ts'

/** Folder, ports and environment of a drill; `root` is the project. The ports begin at `base`, ten for each variable. */
export function surroundings(base: number) {
  const folder = mkdtempSync(join(tmpdir(), 'drill-'))
  const ports = Object.fromEntries(Object.keys(PORTS).map((variable, i) => [variable, `${base + 10 * i}`]))
  const env: NodeJS.Dict<string> = {
    ...process.env,
    ...ports,
    HTTP_PROXY: 'http://127.0.0.1:9', // nothing listens there: a request of a drill to this machine must not use the proxy
    NO_PROXY: '',
    no_proxy: '',
    PLATFORM: 'local',
    STACK_DIR: folder,
    REPORTS: join(folder, 'reports'),
  }
  return { folder, ports, env, root: resolve(import.meta.dir, '..') }
}

export type Surroundings = ReturnType<typeof surroundings>

/** Starts the command line with arguments such as `drill HighLatency`. */
export function startDrill({ env, root }: Surroundings, ...args: string[]) {
  const child = startPiped([process.execPath, 'cli/main.ts', ...args], { cwd: root, env })
  child.stdin.end()
  let out = ''
  const read = async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) out += chunk
  }
  const reading = read()
  return {
    child,
    hasSaid: (text: string) => out.includes(text),
    /** Waits until the drill has printed a text. Throws when the drill ends before. */
    async said(text: string) {
      for (; !out.includes(text); await Bun.sleep(50))
        if (child.exitCode !== null)
          throw new Error(`the drill ended with exit code ${child.exitCode} before it printed "${text}":\n${out}`)
    },
    async end() {
      const [code, err] = await Promise.all([child.exited, child.stderr.text(), reading])
      return { code, out, err }
    },
  }
}

/** Reads the report of the only drill that ran in its surroundings. */
export async function reportOf<T>({ env }: Surroundings): Promise<T> {
  const [name] = readdirSync(`${env.REPORTS}`)
  return Bun.file(join(`${env.REPORTS}`, `${name}`, 'report.json')).json()
}

/** Process id and command line of each process whose command line has the folder or a port of a drill. */
async function left({ folder, ports }: Surroundings): Promise<string[]> {
  const { out } = await collect(['ps', '-eo', 'pid,args'])
  const traces = [folder, ...Object.values(ports).map(port => `127.0.0.1:${port}`)]
  return out.split('\n').filter(line => traces.some(trace => line.includes(trace)))
}

/** Expects that all processes of a drill have ended; the kernel needs a moment to end them. */
export async function nothingLeft(place: Surroundings): Promise<void> {
  await poll(async () => (await left(place)).length === 0, { timeoutSeconds: 5, intervalSeconds: 0.1 })
  expect(await left(place)).toEqual([])
}

/** Id of the drill's process whose command line has a text, else NaN. */
export async function pidOf(place: Surroundings, text: string): Promise<number> {
  const line = (await left(place)).find(line => line.includes(text))
  return Number.parseInt(line ?? '', 10)
}

/** Id of the child process whose command line has a text, else NaN. */
export const childOf = async (parent: number, text: string) =>
  Number.parseInt((await collect(['pgrep', '--parent', `${parent}`, '--full', text])).out, 10)

/** Id of the process of the first replica, else NaN. Only its environment tells it from other replicas. */
export async function replicaOf({ ports }: Surroundings): Promise<number> {
  const script = 'grep -lz "^METRICS_PORT=$1$" /proc/[0-9]*/environ'
  const { out } = await collect(['sh', '-c', script, '-', `${ports.METRICS_PORT}`])
  for (const pid of out.match(/\d+/g) ?? [])
    if ((await Bun.file(`/proc/${pid}/cmdline`).text()).includes('src/main.ts')) return Number(pid)
  return Number.NaN
}
