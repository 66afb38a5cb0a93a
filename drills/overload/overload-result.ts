/** Result of a drill: the content of `report.json`. Times are Unix times in seconds, durations are in seconds. */
export interface OverloadResult {
  readonly drill: string
  readonly platform: string
  readonly startedAt: number
  readonly endedAt: number
  readonly machine: Machine
  readonly settings: Settings
  /** By number of replicas, ascending; empty when none was measured. */
  readonly capacities: readonly Capacity[]
  /** Undefined when the drill stopped before the overload. */
  readonly tipping?: Tipping | undefined
  /** In order of time, with gaps. */
  readonly phases: readonly Phase[]
  /** Every alert that was active, expected alerts first. */
  readonly alerts: readonly AlertTimeline[]
  /** Series of the charts. */
  readonly series: readonly Series[]
  /** Moments to mark on the charts. */
  readonly marks: readonly { readonly at: number; readonly label: string }[]
  readonly checks: readonly Check[]
  readonly verdict: Verdict
  /** Evidence that the machine had no CPU left, one sentence each. */
  readonly starved: readonly string[]
  /** Why the drill stopped early. */
  readonly failure?: string | undefined
}

/** `inconclusive`: the machine had no CPU left, and only checks that need CPU failed. */
export type Verdict = 'passed' | 'failed' | 'inconclusive'

/** The rate at which one replica became unresponsive. */
export interface Tipping {
  /** Requests a second. */
  readonly rate: number
  /** Seconds until clients gave up requests; undefined when they never did. */
  readonly after?: number | undefined
  /** Lower rates that one replica carried, in the order in which they were offered. */
  readonly carried: readonly number[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** How the CPU of a replica is limited, such as "0.3 cores, by the kernel (systemd scope)". */
  readonly cpuLimit: string
  /** Versions by program. */
  readonly programs: Readonly<Record<string, string>>
}

interface Settings {
  /** Rate of the overload in multiples of one replica's capacity. */
  readonly overloadFactor: number
  readonly replicas: { readonly before: number; readonly after: number }
  /** Whether the platform's autoscaler scaled. */
  readonly autoscaled: boolean
  readonly seed: number
  readonly scrapeInterval: number
}

/** Maximum throughput of a number of replicas, whose clients each send the next request when they get an answer. */
export interface Capacity {
  readonly replicas: number
  /** Answered requests a second: the best of the runs. */
  readonly rate: number
  /** Concurrent clients of each run. */
  readonly clients: number
  /** Runs of k6 in order, repeated until the rate no longer rose. */
  readonly runs: readonly LoadResult[]
}

/** Figures of k6 for one run. */
export interface LoadResult {
  /** Requests a second: offered or, in a run that measures capacity, answered. */
  readonly rate: number
  readonly begin: number
  readonly end: number
  readonly requests: number
  readonly failedRatio: number
  /** Requests that got a wrong answer in time and without an error. */
  readonly wrong: number
  readonly dropped: number
  /** Client latency. */
  readonly latency: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99' | 'max', number>>
  /** Whether every threshold of k6 was met. */
  readonly held: boolean
  /** Path of k6's summary, relative to the report. */
  readonly summary: string
}

export interface Phase {
  readonly name: 'steady state' | 'overload' | 'scaled'
  /** For people, such as "Overload: 280 requests/s on 1 replica". */
  readonly title: string
  readonly begin: number
  readonly end: number
  readonly replicas: number
  readonly load: LoadResult
  /** Percentiles of the service's own histogram, and the query of each; without a value when there was no sample. */
  readonly own?: Readonly<
    Record<'p50' | 'p95' | 'p99', { readonly query: string; readonly value?: number | undefined }>
  >
}

export interface AlertTimeline {
  readonly name: string
  readonly severity: string
  /** Whether the drill must raise this alert. */
  readonly expected: boolean
  /** In order of time: states in Prometheus, and notifications at the receiver. */
  readonly states: readonly { readonly state: AlertState; readonly at: number }[]
  /** Times in which the alert was pending or firing. */
  readonly spans: readonly { readonly state: 'pending' | 'firing'; readonly begin: number; readonly end: number }[]
  readonly runbook: string
  readonly detection?: Detection | undefined
  /** From the end of the overload to the delivery of "resolved"; 0 when this delivery came first. */
  readonly recovery?: number | undefined
  /** PromQL query of the states. */
  readonly query: string
}

export type AlertState = 'inactive' | 'pending' | 'firing' | 'delivered' | 'cleared' | 'resolved'

/** The time from the start of the overload to the delivery. */
export interface Detection {
  readonly parts: readonly { readonly name: string; readonly seconds: number }[]
  /** From the start of the load to the delivery, by the clock of the drill. */
  readonly total: number
}

type LoadSeries = 'offered' | 'answered' | 'failed' | 'clientLatency'
type ServiceSeries = 'ownLatency' | 'inFlight' | 'eventLoopLag' | 'replicaCPU' | 'replicas'
export type SeriesId = LoadSeries | ServiceSeries | 'nodeCPU' | 'nodePressure'

export interface Series {
  readonly id: SeriesId
  readonly title: string
  readonly query: string
  /** Without points for times at which Prometheus had no sample. */
  readonly points: readonly (readonly [time: number, value: number])[]
}

/** A figure or fact compared with what the drill demands. */
export interface Check {
  readonly name: string
  readonly expected: string
  readonly seen: string
  readonly ok: boolean
  /** Whether the check can fail for lack of CPU on the machine alone. */
  readonly needsCPU?: true
}
