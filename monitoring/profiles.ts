/** A length of time as Prometheus writes it. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/** A length of time in seconds. */
export function secondsOf(duration: Duration): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[duration.slice(-1)] ?? Number.NaN
  return Number.parseFloat(duration) * unit
}

/** The timing of scrapes, rules and notifications. The rules themselves are the same in every profile. */
export interface Profile {
  readonly name: 'production' | 'drill'
  readonly scrapeInterval: Duration
  readonly evaluationInterval: Duration
  /** Window of rates: at least four scrape intervals, so that a rate survives a failed scrape. */
  readonly window: Duration
  /** How far NoTraffic looks back for earlier traffic. */
  readonly traffic: Duration
  /** How long the condition of an alert must hold before the alert fires, by the kind of the condition. */
  readonly for: {
    /** Users get no answer. */
    readonly outage: Duration
    /** Users get slow or failed answers. */
    readonly degradation: Duration
    /** A node runs out of a resource. Short peaks are normal. */
    readonly node: Duration
    /** A pod or a Deployment is not in its desired state. A rollout and a restart take some time. */
    readonly workload: Duration
    /** A part of the monitoring stack fails. */
    readonly pipeline: Duration
  }
  /** Timing of Alertmanager's notifications. */
  readonly grouping: {
    /**
     * Wait before the first notification of a group. Longer than the evaluation interval: alerts of one cause, and
     * those that inhibit them, may start to fire one evaluation apart.
     */
    readonly wait: Duration
    /** Interval between notifications of a group whose alerts have changed. */
    readonly interval: Duration
    /** Interval between notifications of a group whose alerts have not changed. */
    readonly repeat: Duration
    /** Interval between notifications of Watchdog: short, so that the receiver soon misses one. */
    readonly heartbeat: Duration
  }
}

/** Timeout of a scrape: 80 % of the scrape interval, in whole seconds. */
export const scrapeTimeout = ({ scrapeInterval }: Profile): Duration =>
  `${Math.floor(0.8 * secondsOf(scrapeInterval))}s`

/** Alerts fire when it is worth waking somebody. */
export const PRODUCTION: Profile = {
  name: 'production',
  scrapeInterval: '15s',
  evaluationInterval: '15s',
  window: '5m',
  traffic: '1h',
  for: { outage: '1m', degradation: '2m', node: '15m', workload: '10m', pipeline: '5m' },
  grouping: { wait: '30s', interval: '1m', repeat: '12h', heartbeat: '5m' },
}

/** Alerts fire within seconds, so that a drill takes minutes. */
export const DRILL: Profile = {
  name: 'drill',
  scrapeInterval: '5s',
  evaluationInterval: '5s',
  window: '30s',
  traffic: '5m',
  for: { outage: '10s', degradation: '10s', node: '20s', workload: '15s', pipeline: '10s' },
  grouping: { wait: '6s', interval: '5s', repeat: '1h', heartbeat: '10s' },
}

export const PROFILES: readonly Profile[] = [PRODUCTION, DRILL]
