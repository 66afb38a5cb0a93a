import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { poll } from '../../lib/poll.ts'
import { startProgram } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import { CACHE_VARIABLE } from '../../service.config.ts'
import { cacheFolder } from '../../tools/install-options.ts'
import type { Status } from '../platform.ts'
import { PID_FILE } from './local-settings.ts'
import { SOCKET } from './supervisor.ts'

const START_TIMEOUT_SECONDS = 15

/** For requests that start programs: several may take START_TIMEOUT, one after another. */
const ANSWER_TIMEOUT_SECONDS = 900

/** For the status: the supervisor probes every program once, for at most one second. */
const STATUS_TIMEOUT_SECONDS = 30

/** Codes of errors that mean that no process listens on the socket. */
const NO_LISTENER = ['ENOENT', 'ECONNREFUSED']

/** Starts the supervisor of a local stack, and sends requests to it. */
export class SupervisorClient {
  readonly #folder: string
  readonly #socket: string

  /** @param folder of the stack */
  constructor(folder: string) {
    this.#folder = folder
    this.#socket = relative(process.cwd(), join(folder, SOCKET)) // relative: a socket's path has at most 107 bytes
  }

  /** Sends a request. Returns undefined when no supervisor runs; throws a {@link UserError} when the request fails. */
  async ask<T>(path: string, timeoutSeconds = ANSWER_TIMEOUT_SECONDS): Promise<T | undefined> {
    if (!existsSync(this.#socket)) return undefined
    const signal = AbortSignal.timeout(timeoutSeconds * 1000)
    let response: Response
    let answer: T & { message: string }
    try {
      // timeout: by default Bun gives up after five minutes
      response = await fetch(`http://supervisor${path}`, { unix: this.#socket, method: 'POST', timeout: false, signal })
      answer = (await response.json()) as T & { message: string }
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      if (code !== undefined && NO_LISTENER.includes(code)) return undefined
      throw new UserError(
        `the supervisor of the stack in ${this.#folder} did not answer (${code ?? message}), so parts of the stack may ` +
          `still run; end all of them by killing the process whose id is in ${join(this.#folder, PID_FILE)}`,
      )
    }
    if (!response.ok) throw new UserError(answer.message)
    return answer
  }

  /** Like {@link ask}, but throws a {@link UserError} when no supervisor runs. */
  async demand(path: string): Promise<void> {
    if ((await this.ask(path)) === undefined) throw new UserError('nothing is up: make up')
  }

  status(): Promise<Status | undefined> {
    return this.ask<Status>('/status', STATUS_TIMEOUT_SECONDS)
  }

  /**
   * Empties the folder of the stack and starts the supervisor. Throws a {@link UserError} when the supervisor does not start.
   * @param attached whether the supervisor ends with this process
   */
  async start(env: NodeJS.Dict<string>, attached: boolean, say: (line: string) => void): Promise<void> {
    const log = this.#emptyFolder(say)
    const child = startProgram([process.execPath, join(import.meta.dir, 'supervisor.ts')], {
      cwd: this.#folder,
      env: { ...env, STACK_DIR: dirname(this.#folder), [CACHE_VARIABLE]: cacheFolder(env) }, // absolute: cwd differs
      output: { log },
      outlives: !attached,
    })
    child.unref()
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null
    const ask = async () => (await this.status()) ?? (hasEnded() ? 'ended' : undefined)
    const answer = await poll(ask, { timeoutSeconds: START_TIMEOUT_SECONDS, intervalSeconds: 0.05 })
    if (answer !== undefined && answer !== 'ended') return
    child.kill('SIGKILL')
    throw new UserError(`the supervisor did not start: ${readFileSync(log, 'utf8').trim() || `see ${log}`}`)
  }

  /** Returns the path of the supervisor's log. */
  #emptyFolder(say: (line: string) => void): string {
    const folder = this.#folder
    if (existsSync(this.#socket) || existsSync(join(folder, PID_FILE)))
      say(`${folder}: cleared the state of a stack that did not end by itself`)
    try {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(join(folder, 'logs'), { recursive: true })
    } catch (error) {
      throw new UserError(`${folder} cannot be written (${(error as Error).message}); set STACK_DIR to another folder`)
    }
    return join(folder, 'logs', 'supervisor.log')
  }
}
