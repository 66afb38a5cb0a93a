import type { AnyElysia } from 'elysia'
import type { Registry } from 'prom-client'
import type { Config, Settings } from './config.ts'
import type { Dependency } from './dependency.ts'
import type { Logger } from './telemetry/logger.ts'

/** Everything in which one service differs from another; the rest of this folder serves any of them. */
export interface ServiceDefinition<Own extends object = object> {
  readonly name: string
  readonly version: string
  /** Heading of Swagger UI. */
  readonly title: string
  /** What the service does, in one sentence. */
  readonly description: string
  /** Paths that `GET /` names, by what they are. */
  readonly links: Readonly<Record<string, string>>
  /** Path of a GET request that warms the service up before it is ready. */
  readonly warmUp: string
  /** Its own part of the configuration. */
  readonly settings: Settings<Own>
  /** Starts what the service needs, and makes its modules. A rejection ends the start. */
  start(context: StartContext<Own>): Parts | Promise<Parts>
}

/** What {@link ServiceDefinition.start} gets. @public */
export interface StartContext<Own extends object = object> {
  readonly config: Config & Own
  readonly log: Logger
  /** For metrics of its own; see `fromCatalogue`. */
  readonly registry: Registry
  /**
   * Takes each resource when it is open. They are closed in reverse order: at the end of the drain, when no request is in
   * flight any more, or when a later step of the start fails.
   */
  readonly resources: AsyncDisposableStack
}

/** The parts of a started service. */
export interface Parts {
  /** Its routes. */
  readonly modules: readonly AnyElysia[]
  /** What it needs to be ready. Default: nothing. */
  readonly dependencies?: readonly Dependency[]
}
