import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import type { AlertLife, Check } from '../overload/story.ts'

/** Where an alert is proven: what watches, and what arrives. */
export interface Watch {
  readonly prometheus: PrometheusClient
  /** What has arrived so far, in the order of arrival. */
  readonly deliveries: readonly Delivery[]
  /** Takes each line of the story as it happens. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** A cause that must make an alert fire. */
export interface Cause {
  readonly alert: string
  /** What is done, for people. */
  readonly how: string
  /** Brings it about; what it returns ends it, and is called in any case. */
  inflict(): Promise<() => Promise<void>>
  /** Alerts that it rightly raises too, with the reason beside them. */
  readonly also?: readonly string[]
  /** Seconds from its begin to the delivery, where more is needed than drills demand: a window must fill first. */
  readonly delivered?: number
  /** The same from its end to the delivery of "resolved". */
  readonly resolved?: number
  /** Whether it ends as soon as the alert fires, because nothing can be delivered while it lasts. */
  readonly endsAtFiring?: boolean
}

/** What was seen of an alert, from its cause to its end; times are Unix times in seconds. */
export interface Proof {
  readonly alert: string
  readonly kind: 'drilled' | 'replayed'
  readonly platform: string
  readonly how: string
  /** When the cause began, and ended. */
  readonly began: number
  readonly ended: number
  readonly life?: AlertLife
  /** Seconds from the cause's begin to the delivery, and their bound. */
  readonly detection?: number
  readonly bound: number
  /** Seconds from the cause's end to the delivery of "resolved". */
  readonly recovery?: number
  /** Other alerts that fired but need not: rightly, by the same cause, or because a machine is shared. */
  readonly beside: readonly string[]
  readonly checks: readonly Check[]
  /** Why it could not go on, where it could not. */
  readonly failure?: string
}

/** Whether all that was demanded was seen. */
export const isProven = ({ checks, failure }: Proof) => failure === undefined && checks.every(({ ok }) => ok)
