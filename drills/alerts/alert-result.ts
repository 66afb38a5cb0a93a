import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { AlertTimeline, Check } from '../overload/overload-result.ts'

/** The monitoring stack in which a drill observes an alert. */
export interface Monitoring {
  readonly prometheus: PrometheusClient
  /** Deliveries of Alertmanager so far, in order of arrival. */
  readonly deliveries: readonly Delivery[]
  /** Prints a line about the progress. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** What the drills of several alerts share. */
export interface AlertDrills {
  readonly platform: Platform
  /** Folder of the report. */
  readonly folder: string
  /** Aborted also when a part of the stack ends unexpectedly. */
  readonly stop: AbortController
  readonly onResult: (result: AlertResult) => void
}

/** Prints a line about the progress of one alert's drill. */
export const sayIndented = (line: string) => console.log(`  ${line}`)

/** A cause that must make an alert fire. */
export interface Cause {
  readonly alert: string
  /** What happens, as a clause for messages and reports. */
  readonly how: string
  /** Begins the cause and returns a function that ends it. */
  inflict(): Promise<() => Promise<void>>
  /** Other alerts that the cause may raise. */
  readonly also?: readonly string[]
  /** Maximum seconds from the start of the cause to the delivery. Default: `delivered` of `deliveryBounds`. */
  readonly delivered?: number
  /** Maximum seconds from the end of the cause to the delivery of "resolved". Default: `resolved` of `deliveryBounds`. */
  readonly resolved?: number
  /** Ends the cause as soon as the alert fires: while the cause lasts, nothing can be delivered. */
  readonly endsAtFiring?: boolean
}

/** Result of one alert's drill. Times are Unix times in seconds. */
export interface AlertResult {
  readonly alert: string
  readonly kind: 'drilled' | 'replayed'
  readonly platform: string
  readonly how: string
  /** Begin and end of the cause. */
  readonly began: number
  readonly ended: number
  readonly timeline?: AlertTimeline | undefined
  /** Seconds from the start of the cause to the delivery. */
  readonly detection?: number | undefined
  /** Maximum of `detection`. */
  readonly bound: number
  /** Seconds from the end of the cause to the delivery of "resolved". */
  readonly recovery?: number | undefined
  /** Other alerts that fired and may fire. */
  readonly others: readonly string[]
  readonly checks: readonly Check[]
  /** Why the drill stopped early. */
  readonly failure?: string | undefined
}

export const isPassed = ({ checks, failure }: AlertResult) => failure === undefined && checks.every(({ ok }) => ok)
