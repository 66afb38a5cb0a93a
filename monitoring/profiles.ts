/** A length of time as Prometheus writes it. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/** A length of time in seconds. */
export function secondsOf(duration: Duration): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[duration.slice(-1)] ?? Number.NaN
  return Number.parseFloat(duration) * unit
}

/** A profile of timing: the same rules, at another pace. */
export interface Profile {
  readonly name: 'production' | 'drill'
  readonly scrapeInterval: Duration
  readonly evaluationInterval: Duration
  /** Window of rates; at least four scrapes, so that one that is missed leaves a rate. */
  readonly window: Duration
  /** How long ago traffic still says that there should be some. */
  readonly traffic: Duration
  /** How long a condition must hold before its alert fires. */
  readonly for: {
    /** Users get no answer. */
    readonly outage: Duration
    /** Users get worse answers; the window has smoothed it already. */
    readonly degradation: Duration
    /** The node runs out of something; short peaks are its business. */
    readonly node: Duration
    /** Pods are not as they should be; a rollout or a restart takes its time. */
    readonly workload: Duration
    /** What watches does not work as it should. */
    readonly pipeline: Duration
  }
  /** How Alertmanager gathers alerts into notifications. */
  readonly grouping: {
    /**
     * Before the first notification of a new group, for its other alerts to join, and those that inhibit some of them: longer
     * than from one evaluation to the next, because what has one cause is not seen at once.
     */
    readonly wait: Duration
    /** Between two notifications of a group that has changed: what is resolved is told after this at the latest. */
    readonly interval: Duration
    /** Between two notifications of a group that has not. */
    readonly repeat: Duration
    /** Between two notifications of Watchdog, so that its silence is heard soon. */
    readonly heartbeat: Duration
  }
}

/** How long a scrape may take: one ends before the next is due. */
export const scrapeTimeout = ({ scrapeInterval }: Profile): Duration =>
  `${Math.floor(0.8 * secondsOf(scrapeInterval))}s`

/** `drill` fires within seconds, so that a drill takes minutes; `production` waits until it is worth waking somebody. */
export const PROFILES: readonly Profile[] = [
  {
    name: 'production',
    scrapeInterval: '15s',
    evaluationInterval: '15s',
    window: '5m',
    traffic: '1h',
    for: { outage: '1m', degradation: '2m', node: '15m', workload: '10m', pipeline: '5m' },
    grouping: { wait: '30s', interval: '1m', repeat: '12h', heartbeat: '5m' },
  },
  {
    name: 'drill',
    scrapeInterval: '5s',
    evaluationInterval: '5s',
    window: '30s',
    traffic: '5m',
    for: { outage: '10s', degradation: '10s', node: '20s', workload: '15s', pipeline: '10s' },
    grouping: { wait: '6s', interval: '5s', repeat: '1h', heartbeat: '10s' },
  },
]
