/** What a drill saw, as `report.json` holds it. Times are Unix times in seconds; lengths of time are in seconds. */
export interface OverloadResult {
  readonly drill: string
  readonly platform: string
  readonly startedAt: number
  readonly endedAt: number
  readonly machine: Machine
  /** What was set before it began. */
  readonly settings: Settings
  /** By number of replicas, in ascending order; empty where none was measured. */
  readonly capacities: readonly Capacity[]
  /** How the overload was found; undefined where it was not reached. */
  readonly tipping?: Tipping
  /** In order of time; they may leave gaps. */
  readonly phases: readonly Phase[]
  /** Every alert that was not inactive at some time, those expected first. */
  readonly alerts: readonly AlertTimeline[]
  /** What the charts show. */
  readonly series: readonly Series[]
  /** Moments to mark on the charts. */
  readonly marks: readonly { readonly at: number; readonly label: string }[]
  readonly checks: readonly Check[]
  readonly verdict: Verdict
  /** What shows that the machine had no CPU left, a sentence each; empty where it had. */
  readonly starved: readonly string[]
  /** Why the drill could not go on, where it could not. */
  readonly failure?: string
}

/** `inconclusive`: what depends on the machine's speed did not hold, and the machine had no CPU left. */
export type Verdict = 'passed' | 'failed' | 'inconclusive'

/** The rate at which the service was seen to tip over. */
export interface Tipping {
  /** Requests a second. */
  readonly rate: number
  /** Seconds from the begin of that rate until clients gave up requests; undefined where they never did. */
  readonly after?: number
  /** Lower rates that were offered before, which the service carried; in order. */
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
  /** Share of one replica's capacity that is offered in the overload. */
  readonly overloadFactor: number
  readonly replicas: { readonly before: number; readonly after: number }
  /** Whether the platform scaled by itself. */
  readonly autoscaled: boolean
  readonly seed: number
  readonly requestTimeout: number
  /** The bound of the objective for the 95th percentile. */
  readonly latencyBound: number
  readonly failedRatioBound: number
  readonly scrapeInterval: number
}

/**
 * Maximum throughput of so many replicas: what clients got answered who ask again as soon as they have their answer.
 * So few clients that latency stays in the objective, and enough to keep each replica busy.
 */
export interface Capacity {
  readonly replicas: number
  /** Answered requests a second: the best of the runs. */
  readonly rate: number
  /** Concurrent clients of each run. */
  readonly clients: number
  /** The runs of k6 that found it, in order, repeated until the rate no longer rose. */
  readonly runs: readonly LoadResult[]
}

/** What k6 says of a run of load, from the summary file that it names. */
export interface LoadResult {
  /** Requests a second: offered or, in a run that measures capacity, answered. */
  readonly rate: number
  readonly begin: number
  readonly end: number
  readonly requests: number
  readonly failedRatio: number
  /** Requests that were answered in time and without an error, and wrongly. */
  readonly wrong: number
  readonly dropped: number
  /** Latency as the client saw it. */
  readonly latency: {
    readonly p50: number
    readonly p90: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
  /** k6's own verdict: every threshold was met. */
  readonly held: boolean
  /** Of k6's summary, beside the report. */
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
  /** Percentiles of the service's own histogram, and the query of each. */
  readonly own: Readonly<Record<'p50' | 'p95' | 'p99', Figure>>
}

/** A figure and the PromQL that gave it; absent where Prometheus had no answer. */
export interface Figure {
  readonly value?: number
  readonly query: string
}

export interface AlertTimeline {
  readonly name: string
  readonly severity: string
  /** Whether the drill demands it; the others are only told. */
  readonly expected: boolean
  /** In order of time: the states that Prometheus recorded, and what the receiver was sent. */
  readonly states: readonly { readonly state: AlertState; readonly at: number }[]
  /** Where it was pending or firing, for the charts. */
  readonly spans: readonly { readonly state: 'pending' | 'firing'; readonly begin: number; readonly end: number }[]
  readonly runbook: string
  /** From the begin of the overload to the delivery, where it was delivered. */
  readonly detection?: Detection
  /** From the end of the overload to the delivery of "resolved"; 0 where that came before it. */
  readonly recovery?: number
  /** The query of its states. */
  readonly query: string
}

type AlertState = 'inactive' | 'pending' | 'firing' | 'delivered' | 'cleared' | 'resolved'

export interface Detection {
  readonly parts: readonly { readonly name: string; readonly seconds: number }[]
  /** By the engine's own clock, from the moment at which it saw the load begin to the moment of delivery. */
  readonly total: number
}

export interface Series {
  readonly id:
    | 'offered'
    | 'answered'
    | 'clientLatency'
    | 'ownLatency'
    | 'inFlight'
    | 'eventLoopLag'
    | 'replicas'
    | 'failed'
    | 'nodeCPU'
    | 'nodePressure'
  readonly title: string
  readonly unit: 'requests/s' | 'seconds' | 'requests' | 'replicas' | 'ratio'
  readonly query: string
  /** Time and value; no point where there was no answer. */
  readonly points: readonly (readonly [time: number, value: number])[]
}

/** A bound that the drill asserts. */
export interface Check {
  readonly name: string
  readonly expected: string
  readonly seen: string
  readonly ok: boolean
  /** Whether it can fail because the machine has no CPU left, whatever the service and its monitoring do. */
  readonly needsCPU?: true
}
