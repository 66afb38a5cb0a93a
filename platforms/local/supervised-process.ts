import { existsSync } from 'node:fs'
import { poll } from '../../lib/poll.ts'
import { endProgram, lastLines, startProgram } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import type { Part } from '../platform.ts'
import { START_TIMEOUT_SECONDS } from './local-settings.ts'

/** How to run a program. */
export interface ProcessSpec {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: NodeJS.Dict<string>
  /** File to which the program's output is appended. */
  readonly log: string
  /** URL that answers with a 2xx status while the program is healthy. */
  readonly health: string
}

/** From SIGTERM to SIGKILL. */
const STOP_TIMEOUT_SECONDS = 10
/** The backoff before a restart doubles each time, so that a program that always fails does not use up the CPU. */
const FIRST_BACKOFF_SECONDS = 0.5
const LONGEST_BACKOFF_SECONDS = 30
/** Last lines of a log that the error repeats when a program does not start. */
const TAIL_LINES = 5

/** A program that is restarted when it ends without having been stopped. */
export class SupervisedProcess {
  readonly spec: ProcessSpec
  readonly #startTimeoutSeconds: number
  #child: Bun.Subprocess | undefined
  #state: Part['state'] = 'stopped'
  #restarts = 0
  #lastEnd: string | undefined
  #stopping = false

  /** @param startTimeoutSeconds from the start until the program must be healthy */
  constructor(spec: ProcessSpec, startTimeoutSeconds = START_TIMEOUT_SECONDS) {
    this.spec = spec
    this.#startTimeoutSeconds = startTimeoutSeconds
  }

  /** Starts the program and waits until it is healthy; else stops it and throws a {@link UserError} with the end of its log. */
  async start(): Promise<void> {
    this.#stopping = false
    this.#spawn()
    const timeoutSeconds = this.#startTimeoutSeconds
    const ask = async () => {
      if (await this.#isHealthy()) return 'healthy'
      return this.#restarts > 0 || this.#child === undefined ? 'ended' : undefined
    }
    const outcome = await poll(ask, { timeoutSeconds, intervalSeconds: 0.05 })
    if (outcome === 'ended') return this.#giveUp(this.#lastEnd ?? 'ended')
    if (outcome === undefined)
      return this.#giveUp(
        `was not healthy within ${timeoutSeconds} s (${this.spec.health}); START_TIMEOUT sets another time`,
      )
    this.#state = 'healthy'
  }

  /** Stops the program: SIGTERM, then SIGKILL. Returns one line that says how the program ended. */
  async stop(): Promise<string> {
    this.#stopping = true
    this.#state = 'stopped'
    const { name } = this.spec
    const child = this.#child
    if (child === undefined) return `${name}: was not running`
    await endProgram(child, STOP_TIMEOUT_SECONDS)
    const how = child.signalCode === 'SIGKILL' ? `killed after ${STOP_TIMEOUT_SECONDS} s` : `pid ${child.pid}`
    return `${name}: ended (${how})`
  }

  /** Sends the program a signal, if the program runs. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** The present state. A program that does not answer its health check within a second is unhealthy. */
  async part(): Promise<Part> {
    const { name, log, health } = this.spec
    const state = this.#state === 'healthy' && !(await this.#isHealthy()) ? 'unhealthy' : this.#state
    const lastEnd = this.#lastEnd === undefined ? {} : { lastEnd: this.#lastEnd }
    return { name, state, restarts: this.#restarts, ...lastEnd, details: `${health}  ${log}` }
  }

  #spawn(): void {
    this.#state = 'starting'
    const { command, env, log } = this.spec
    const child = startProgram(command, { env: { ...process.env, ...env }, output: { log } })
    child.exited.then(() => this.#ended(child))
    this.#child = child
  }

  #ended({ signalCode, exitCode }: Bun.Subprocess): void {
    this.#child = undefined
    if (this.#stopping) return
    this.#lastEnd = `ended ${signalCode ? `by signal ${signalCode}` : `with exit code ${exitCode}`}`
    this.#state = 'restarting'
    const backoffSeconds = Math.min(FIRST_BACKOFF_SECONDS * 2 ** this.#restarts, LONGEST_BACKOFF_SECONDS)
    this.#restarts++
    setTimeout(() => this.#restart(), backoffSeconds * 1000)
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return
    this.#spawn()
    await poll(() => this.#state !== 'starting' || this.#isHealthy(), { timeoutSeconds: Number.POSITIVE_INFINITY })
    if (this.#state === 'starting') this.#state = 'healthy'
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(this.spec.health, { signal: AbortSignal.timeout(1000) })).ok
    } catch {
      return false
    }
  }

  async #giveUp(reason: string): Promise<never> {
    await this.stop()
    const { name, log } = this.spec
    const lines = existsSync(log) ? lastLines(log, TAIL_LINES) : []
    throw new UserError([`${name} did not start: it ${reason}. The end of ${log}:`, ...lines].join('\n  '))
  }
}
