import type { Delivery, Receiver } from '../k8s/monitoring/receiver.ts'
import { UserError } from '../lib/user-error.ts'
import type { SCENARIOS } from '../loadtest/scenarios.ts'

/** Where the service and its monitoring run. One engine drives them all through this. */
export interface Platform {
  readonly name: 'local' | 'kubernetes'
  /**
   * Brings up one replica of the service and, unless told otherwise, what watches it; resolves when all of it is healthy.
   * What is up already stays as it is. Throws a {@link UserError} that says what did not come up, and why.
   */
  up(options?: UpOptions): Promise<void>
  /** Takes everything down; what it ended, a line a thing. Nothing to end is no error. */
  down(): Promise<string[]>
  /** Undefined where nothing is up. */
  status(): Promise<Status | undefined>
  /** Where people look, by name. */
  links(): Promise<Readonly<Record<string, string>>>
  /** Origin of the API, such that new connections reach every replica. Throws a {@link UserError} where there is none. */
  api(): Promise<string>
  /** Origin of Prometheus' HTTP API, while this process lives. Throws a {@link UserError} where it cannot be reached. */
  prometheus(): Promise<string>
  /** Takes what Alertmanager delivers from now on. */
  receive(onDelivery: (delivery: Delivery) => void): Promise<Reception>
  /** Resolves when exactly so many replicas serve. Throws a {@link UserError} where one does not come up. */
  scale(replicas: number): Promise<void>
  /**
   * Lets the platform scale by itself, up to so many replicas; undefined: no more. Throws a {@link UserError} where it
   * cannot.
   */
  autoscale(most: number | undefined): Promise<void>
  /** Faults of the parts themselves, for drills. */
  readonly parts: PartFaults
  /** Runs a scenario of load to its end. Throws a {@link UserError} where it could not be run. */
  load(run: LoadRun): Promise<LoadEnd>
  /** Versions of what runs, by its name. */
  versions(): Promise<Readonly<Record<string, string>>>
}

/** What can be done to a part of the stack, and undone. Each throws a {@link UserError} where there is no such part. */
export interface PartFaults {
  /** Stops a part from running, so that it hangs, until it goes on. */
  pause(part: string): Promise<void>
  resume(part: string): Promise<void>
  /** Gives Prometheus a file of rules beside its own, by its text; undefined takes it away. */
  addRules(text: string | undefined): Promise<void>
  /** Asks a replica for a fault, at its own address: `path` is such as `crash`, `replica` is counted from 1. */
  ask(replica: number, path: string): Promise<void>
}

/** Something is wrong with a platform. Its message says what, and what to do; it may have the last lines of a log. */

/** What Alertmanager delivers, as it arrives. */
export type Reception = Pick<Receiver, 'deliveries' | 'stop'>

export interface UpOptions {
  /** Whether Prometheus and its exporters and Alertmanager come up too. Default: yes. */
  readonly monitoring?: boolean
  /** Ends everything with the process that asks, however that ends, where that can be. Default: no, it stays until it is taken down. */
  readonly attached?: boolean
  /** Stops the installation of what it lacks, and takes down what it has brought up. */
  readonly signal?: AbortSignal
}

export interface Status {
  /** Replicas of the service that are meant to run. */
  readonly replicas: number
  /** Whether Prometheus watches. */
  readonly monitoring: boolean
  /** How the CPU of a replica is limited, for people. */
  readonly cpuLimit: string
  readonly parts: readonly Part[]
}

/** A replica, or a program that watches. */
export interface Part {
  readonly name: string
  readonly state: 'starting' | 'healthy' | 'unhealthy' | 'restarting' | 'stopped'
  /** How often it ended without being asked to. */
  readonly restarts: number
  /** Why it last ended so, if it did. */
  readonly lastEnd?: string
  /** Where to read on. */
  readonly details: string
}

export interface LoadRun {
  readonly scenario: (typeof SCENARIOS)[number]
  /** Variables of the scenario: RATE, DURATION, SEED, …; others are taken from the environment. */
  readonly variables: Readonly<NodeJS.Dict<string>>
  /** File for what k6 prints; default: this process's own output. */
  readonly log?: string
  /** Ends k6: at once where it writes to a log, else with its summary. */
  readonly signal?: AbortSignal
  /** Ends the load early; k6 writes its summary. A Job in a cluster goes on to its end all the same. */
  readonly end?: AbortSignal
}

export interface LoadEnd {
  /** k6's own exit code: 0 where every threshold was met, 99 where one was not. */
  readonly code: number
}
