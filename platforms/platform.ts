import type { Deliveries } from '../k8s/monitoring/receiver.ts'
import { UserError } from '../lib/user-error.ts'
import type { SCENARIOS } from '../loadtest/scenarios.ts'
import type { Profile } from '../monitoring/profiles.ts'

/** Where the service and its monitoring stack run. Commands and drills use every platform through this interface. */
export interface Platform {
  readonly name: 'local' | 'kubernetes'
  /**
   * Starts one replica of the service and, by default, the monitoring stack; resolves when all parts are healthy. Parts that
   * run already stay as they are. Throws a {@link UserError} that names the part that did not start, and the reason.
   */
  up(options?: UpOptions): Promise<void>
  /** Stops everything. Returns one line for each part that was stopped; none if nothing was up. */
  down(): Promise<string[]>
  /** Returns undefined when nothing is up. */
  status(): Promise<Status | undefined>
  /** URLs for people, by name. */
  links(): Promise<Readonly<Record<string, string>>>
  /** Origin of the API; new connections reach every replica. Throws a {@link UserError} when the API is not reachable. */
  api(): Promise<string>
  /** Origin of Prometheus' HTTP API, valid until this process ends. Throws a {@link UserError} when it is not reachable. */
  prometheus(): Promise<string>
  /** What Alertmanager has delivered to the receiver, from an index on. Returns undefined when the receiver does not answer. */
  deliveries(since: number): Promise<Deliveries | undefined>
  /** Resolves when exactly this number of replicas serve. Throws a {@link UserError} when a replica does not start. */
  scale(replicas: number): Promise<void>
  /** Lets `scale` decide where an autoscaler owns the replicas; returns a function that gives the replicas back to it. */
  borrowReplicas(): Promise<() => Promise<void>>
  /** Enables autoscaling up to `most` replicas; undefined disables it. Throws a {@link UserError} without an autoscaler. */
  autoscale(most: number | undefined): Promise<void>
  /**
   * Timing of the monitoring that runs, else of the monitoring that `up` would start. Throws a {@link UserError} when the
   * monitoring that runs has no profile of this project.
   */
  profile(): Promise<Profile>
  /** Fault injection, for drills. */
  readonly parts: PartFaults
  /** Installs the programs that a drill runs on this machine and that PATH lacks; a build takes minutes and every core. */
  install(signal: AbortSignal): Promise<void>
  /** Runs a load scenario to its end. Throws a {@link UserError} when the scenario cannot run. */
  load(run: LoadRun): Promise<LoadEnd>
  /** Versions of the programs, by name. */
  versions(): Promise<Readonly<Record<string, string>>>
}

/** Injects faults into parts of the stack. Each method throws a {@link UserError} when the part does not exist. */
export interface PartFaults {
  /** Suspends a part, so that the part hangs until it is resumed. */
  pause(part: string): Promise<void>
  resume(part: string): Promise<void>
  /** Adds a rule file with this content to Prometheus; undefined removes the file. */
  addRules(text: string | undefined): Promise<void>
  /** Removes the targets of a job from Prometheus; returns a function that brings them back. */
  removeTargets(job: string): Promise<() => Promise<void>>
  /** Requests a fault from one replica, counted from 1; `path` is, for example, `crash`. */
  ask(replica: number, path: string): Promise<void>
}

export interface UpOptions {
  /** Whether to start the monitoring stack. Default: true. */
  readonly monitoring?: boolean
  /** Whether the stack ends with this process, where the platform can do so. Default: false. */
  readonly attached?: boolean
  /** Stops the installation of missing programs, and stops the parts that were started. */
  readonly signal?: AbortSignal
}

export interface Status {
  /** Desired number of replicas of the service. */
  readonly replicas: number
  /** Whether the monitoring stack is up. */
  readonly monitoring: boolean
  /** CPU limit of a replica and what enforces it, for people. */
  readonly cpuLimit: string
  readonly parts: readonly Part[]
}

/** A replica, or a program of the monitoring stack. */
export interface Part {
  readonly name: string
  readonly state: 'starting' | 'healthy' | 'unhealthy' | 'restarting' | 'stopped'
  /** How often the part ended without having been stopped. */
  readonly restarts: number
  /** How the part last ended before a restart. */
  readonly lastEnd?: string
  /** Where to find more, such as the log. */
  readonly details: string
}

export interface LoadRun {
  readonly scenario: (typeof SCENARIOS)[number]
  /** Variables of the scenario: RATE, DURATION, SEED, …. They override the environment. */
  readonly variables: Readonly<NodeJS.Dict<string>>
  /** File for k6's output. Default: the output of this process. */
  readonly log?: string
  /** Ends k6: at once with `log`, else after k6 printed its summary. */
  readonly signal?: AbortSignal
  /** Ends the load early; k6 writes its summary. A Job in a cluster ignores this signal. */
  readonly end?: AbortSignal
}

export interface LoadEnd {
  /** k6's exit code: 0 when every threshold was met, 99 when one was missed. */
  readonly code: number
}
