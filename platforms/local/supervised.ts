import { existsSync, readFileSync } from 'node:fs'
import { endProgram, startProgram } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import type { Part } from '../platform.ts'
import { START_TIMEOUT } from './settings.ts'

/** A program to keep running. */
export interface Spec {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: NodeJS.Dict<string>
  /** Its output is added to this file. */
  readonly log: string
  /** An address that answers with a 2xx when it is healthy. */
  readonly health: string
  /** Time that it may take to be healthy after its start. Default: {@link START_TIMEOUT}. */
  readonly startTimeoutSeconds?: number
}

/** Seconds from SIGTERM to SIGKILL. */
const STOP_TIMEOUT = 10
/** Seconds before the first restart; doubled each time, so that what cannot run does not eat the machine. */
const FIRST_BACKOFF = 0.5
const LONGEST_BACKOFF = 30
/** How many of the last lines of a log are shown when a program does not start. */
const TAIL = 5

/** One program that is started, watched, restarted when it ends by itself, and stopped. */
export class Supervised {
  #child: Bun.Subprocess | undefined
  #state: Part['state'] = 'stopped'
  #restarts = 0
  #lastEnd: string | undefined
  #stopping = false

  readonly spec: Spec
  readonly #startTimeout: number

  /** @param startTimeout seconds for it to be healthy */
  constructor(spec: Spec, startTimeout = START_TIMEOUT) {
    this.spec = spec
    this.#startTimeout = startTimeout
  }

  /** Starts it; resolves when it is healthy. Throws a {@link UserError} with the end of its log where it is not. */
  async start(): Promise<void> {
    this.#stopping = false
    this.#spawn()
    const { health, startTimeoutSeconds = this.#startTimeout } = this.spec
    for (const end = Date.now() + startTimeoutSeconds * 1000; Date.now() < end; await Bun.sleep(50)) {
      if (await this.#isHealthy()) {
        this.#state = 'healthy'
        return
      }
      if (this.#restarts > 0 || this.#child === undefined) return this.#giveUp(this.#lastEnd ?? 'ended')
    }
    return this.#giveUp(`was not healthy within ${startTimeoutSeconds} s (${health}); START_TIMEOUT sets another time`)
  }

  /** Stops it, gracefully if it can; a line that says how. */
  async stop(): Promise<string> {
    this.#stopping = true
    const child = this.#child
    this.#state = 'stopped'
    if (child === undefined) return `${this.spec.name}: was not running`
    await endProgram(child, STOP_TIMEOUT)
    return `${this.spec.name}: ended (${child.signalCode === 'SIGKILL' ? `killed after ${STOP_TIMEOUT} s` : `pid ${child.pid}`})`
  }

  /** Sends it a signal, if it runs. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** How it is now: a program that runs but does not answer within a second is unhealthy. */
  async part(): Promise<Part> {
    const { name, log, health } = this.spec
    const running = this.#state === 'healthy' && !(await this.#isHealthy()) ? 'unhealthy' : this.#state
    const end = this.#lastEnd === undefined ? {} : { lastEnd: this.#lastEnd }
    return { name, state: running, restarts: this.#restarts, ...end, details: `${health}  ${log}` }
  }

  #spawn(): void {
    this.#state = 'starting'
    const { command, env, log } = this.spec
    const child = startProgram(command, { env: { ...process.env, ...env }, output: { log } })
    child.exited.then(() =>
      this.#ended(child, child.signalCode ? `by signal ${child.signalCode}` : `with exit code ${child.exitCode}`),
    )
    this.#child = child
  }

  #ended(child: Bun.Subprocess, how: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    if (this.#stopping) return
    this.#lastEnd = `ended ${how}`
    this.#state = 'restarting'
    const backoff = Math.min(FIRST_BACKOFF * 2 ** this.#restarts, LONGEST_BACKOFF)
    this.#restarts++
    setTimeout(async () => {
      if (this.#stopping) return
      this.#spawn()
      while (this.#state === 'starting' && !(await this.#isHealthy())) await Bun.sleep(250)
      if (this.#state === 'starting') this.#state = 'healthy'
    }, backoff * 1000)
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const { ok } = await fetch(this.spec.health, { signal: AbortSignal.timeout(1000) })
      return ok
    } catch {
      return false
    }
  }

  async #giveUp(why: string): Promise<never> {
    await this.stop()
    const { name, log } = this.spec
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL) : []
    throw new UserError([`${name} did not start: it ${why}. The end of ${log}:`, ...lines].join('\n  '))
  }
}
