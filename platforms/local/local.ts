import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { startReceiver } from '../../k8s/monitoring/receiver.ts'
import { CAN_TIE, startProgram } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import { ensureProgram, ensurePrograms } from '../../tools/install.ts'
import { cacheFolder } from '../../tools/options.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { runK6 } from '../k6.ts'
import type { Platform, Status } from '../platform.ts'
import { grafanaHome, grafanaLink } from './grafana.ts'
import { demandFree, readSettings } from './settings.ts'
import { addedRules } from './specs.ts'
import { PID_FILE, SOCKET } from './supervisor.ts'

/** Seconds for the supervisor to answer. */
const SUPERVISOR_TIMEOUT = 15

/**
 * Seconds for the answer of the supervisor to one request: several programs may take START_TIMEOUT, one after another, and a
 * supervisor that hangs must not hang the command for good.
 */
const ANSWER_TIMEOUT = 900

/** Seconds for the answer to what changes nothing: each part is asked for its health, for one second at most. */
const STATUS_TIMEOUT = 30

/** Codes of errors that mean that no process listens on the socket. */
const NOBODY_LISTENS = ['ENOENT', 'ECONNREFUSED']

/** What a local stack runs. */
const MONITORING = ['prometheus', 'alertmanager', 'node_exporter', 'blackbox_exporter'] as const

/** What a drill runs. It is installed before the drill measures: a build takes every core for minutes. */
const NEEDED = ['k6', ...MONITORING] as const

/**
 * This machine: replicas, Prometheus, Alertmanager, the exporters and k6 as processes, without a container or root.
 * Throws a {@link UserError} where it cannot be, or a variable of the environment is wrong.
 */
export function localPlatform(env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  if (process.platform !== 'linux')
    throw new UserError('PLATFORM=local needs Linux (or WSL2): only there do replicas share a port; use a cluster')
  if (!CAN_TIE) throw new UserError('PLATFORM=local needs setpriv; install util-linux')
  const settings = readSettings(env)
  const { folder, ports } = settings
  const origin = (port: number) => `http://127.0.0.1:${port}`
  const links = {
    api: origin(ports.PORT),
    swagger: `${origin(ports.PORT)}/swagger`,
    prometheus: origin(ports.PROMETHEUS_PORT),
    alertmanager: origin(ports.ALERTMANAGER_PORT),
  }
  // relative, because the path of a socket may have 107 bytes at most
  const socket = relative(process.cwd(), join(folder, SOCKET))

  /** Asks the supervisor; undefined where there is none. Throws a {@link UserError} where it refuses or does not answer. */
  async function ask<T>(path: string, timeout = ANSWER_TIMEOUT): Promise<T | undefined> {
    if (!existsSync(socket)) return undefined
    const signal = AbortSignal.timeout(timeout * 1000)
    let response: Response
    let answer: T & { message: string }
    try {
      // timeout: by default Bun gives up after five minutes
      response = await fetch(`http://supervisor${path}`, { unix: socket, method: 'POST', timeout: false, signal })
      answer = (await response.json()) as T & { message: string }
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      if (code !== undefined && NOBODY_LISTENS.includes(code)) return undefined
      throw new UserError(
        `the supervisor of the stack in ${folder} did not answer (${code ?? message}); parts of the stack may still run. ` +
          `Its process is in ${join(folder, PID_FILE)}, and killing it ends all that it started`,
      )
    }
    if (!response.ok) throw new UserError(answer.message)
    return answer
  }
  const askStatus = () => ask<Status>('/status', STATUS_TIMEOUT)

  async function signal(part: string, name: NodeJS.Signals): Promise<void> {
    if ((await ask(`/signal?part=${part}&signal=${name}`)) === undefined) throw new UserError('nothing is up: make up')
  }

  async function startSupervisor(attached: boolean): Promise<void> {
    if (existsSync(socket) || existsSync(join(folder, PID_FILE)))
      say(`${folder}: cleared the state of a stack that did not end by itself`)
    try {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(join(folder, 'logs'), { recursive: true })
    } catch (error) {
      throw new UserError(`${folder} cannot be written (${(error as Error).message}); set STACK_DIR to another folder`)
    }
    const log = join(folder, 'logs', 'supervisor.log')
    const child = startProgram([process.execPath, join(import.meta.dir, 'supervisor.ts')], {
      cwd: folder,
      env: { ...env, STACK_DIR: dirname(folder), TIPPING_POINT_CACHE: cacheFolder(env) }, // absolute: cwd differs
      output: { log },
      outlives: !attached,
    })
    child.unref()
    for (const end = Date.now() + SUPERVISOR_TIMEOUT * 1000; Date.now() < end; await Bun.sleep(50)) {
      if ((await askStatus()) !== undefined) return
      if (child.exitCode !== null) break
    }
    child.kill('SIGKILL')
    throw new UserError(`the supervisor did not start: ${readFileSync(log, 'utf8').trim() || `see ${log}`}`)
  }

  return {
    name: 'local',
    links: async () => ({ ...links, ...(grafanaHome(env) && { grafana: grafanaLink(settings) }) }),
    api: async () => links.api,
    prometheus: async () => links.prometheus,
    async receive(onDelivery) {
      const port = ports.RECEIVER_PORT
      try {
        return startReceiver({ hostname: '127.0.0.1', port }, onDelivery)
      } catch {
        throw new UserError(
          `RECEIVER_PORT: port ${port} of 127.0.0.1 is in use; set RECEIVER_PORT to another, also for make up`,
        )
      }
    },
    async versions() {
      const versions = await Promise.all(NEEDED.map(async name => [name, await versionOf(name)] as const))
      return Object.fromEntries(versions)
    },
    async up({ monitoring = true, attached = false, signal = new AbortController().signal } = {}) {
      const names = attached ? NEEDED : MONITORING // without a drill, k6 is for make load to fetch
      await ensurePrograms(
        names.map(name => PROGRAMS[name]),
        { say, signal },
      )
      const status = await askStatus()
      if (status === undefined) {
        demandFree(settings, ['PORT', 'METRICS_PORT'])
        if (monitoring)
          demandFree(settings, ['PROMETHEUS_PORT', 'ALERTMANAGER_PORT', 'NODE_EXPORTER_PORT', 'BLACKBOX_EXPORTER_PORT'])
        await startSupervisor(attached)
      }
      try {
        if (status === undefined || status.replicas === 0) await ask('/scale?replicas=1')
        signal.throwIfAborted()
        if (monitoring) await ask('/monitor')
        signal.throwIfAborted()
        // a drill's own stack has nobody who looks
        const problem = monitoring && !attached ? await ask<string | null>('/show') : null
        if (problem) say(problem)
      } catch (error) {
        // nothing was up before: nothing is left. The first error is the one to tell.
        if (status === undefined) await ask('/stop').catch(problem => say(problem.message))
        throw error
      }
    },
    async down() {
      const ended = await ask<string[]>('/stop')
      return ended ?? []
    },
    status: askStatus,
    async scale(replicas) {
      if ((await ask(`/scale?replicas=${replicas}`)) === undefined) throw new UserError('nothing is up: make up')
    },
    async autoscale(most) {
      if (most !== undefined) throw new UserError('PLATFORM=local has no autoscaler; this drill needs a cluster')
    },
    parts: {
      pause: part => signal(part, 'SIGSTOP'),
      resume: part => signal(part, 'SIGCONT'),
      async addRules(text) {
        const file = addedRules(settings)
        await (text === undefined ? rm(file, { force: true }) : Bun.write(file, text))
        await signal('prometheus', 'SIGHUP') // it reads its configuration again
      },
      ask: () => Promise.reject(new UserError('PLATFORM=local: replicas share one address')),
    },
    async load(run) {
      const status = await askStatus()
      return runK6(run, links.api, status?.monitoring ? links.prometheus : undefined)
    },
  }
}

async function versionOf(name: (typeof NEEDED)[number]): Promise<string> {
  const child = Bun.spawn([await ensureProgram(PROGRAMS[name]), '--version'], { stderr: 'pipe' })
  const output = (await child.stdout.text()) + (await child.stderr.text())
  return /\d+\.\d+\.\d+\S*/.exec(output)?.[0] ?? 'unknown'
}
