/** A sample: time (Unix, seconds) and value. */
type Sample = readonly [time: number, value: number]

/** A series and its samples. */
export interface Answer {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
}

/** An alert that is pending or firing. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
  /** When the condition of the alert became true (RFC 3339). */
  readonly activeAt: string
}

interface Result {
  readonly metric: Record<string, string>
  readonly value?: [number, string]
  readonly values?: [number, string][]
}

/** A client of Prometheus' HTTP API. Every method rejects when Prometheus does not answer, or answers with an error. */
export class PrometheusClient {
  readonly #origin: () => Promise<string>
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param origin returns Prometheus' present origin, such as `http://127.0.0.1:9090`
   * @param headers of each request, for example for a proxy that demands a password
   */
  constructor(origin: () => Promise<string>, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin
    this.#headers = headers
  }

  /** Evaluates an expression at one time (Unix, in seconds). Default: now. */
  instant(query: string, time = Date.now() / 1000): Promise<Answer[]> {
    return this.#ask('query', { query, time: `${time}` })
  }

  /** The value of an expression with one series, as of `time`; undefined without a series, or when the value is not finite. */
  async value(query: string, time?: number): Promise<number | undefined> {
    const [answer] = await this.instant(query, time)
    const value = answer?.samples[0]?.[1]
    return Number.isFinite(value) ? value : undefined
  }

  /** Evaluates an expression every `step` seconds from `start` to `end`. */
  range(query: string, start: number, end: number, step: number): Promise<Answer[]> {
    return this.#ask('query_range', { query, start: `${start}`, end: `${end}`, step: `${step}` })
  }

  /** Reads the stored samples of a selector, with the times of their scrapes or evaluations. */
  stored(selector: string, start: number, end: number): Promise<Answer[]> {
    const milliseconds = Math.max(1, Math.ceil((end - start) * 1000))
    return this.instant(`${selector}[${milliseconds}ms]`, end)
  }

  /** The alerts that are pending or firing. */
  async alerts(): Promise<ActiveAlert[]> {
    return (await this.get<{ alerts: ActiveAlert[] }>('alerts')).alerts
  }

  /** The last errors of the evaluation of rules, one line for each rule. */
  async ruleProblems(): Promise<string[]> {
    const { groups } = await this.get<{ groups: { rules: { name: string; lastError?: string }[] }[] }>('rules')
    const rules = groups.flatMap(group => group.rules)
    return rules.flatMap(({ name, lastError }) => (lastError ? [`rule ${name}: ${lastError}`] : []))
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<Answer[]> {
    const { result } = await this.get<{ result: Result[] }>(path, parameters)
    return result.map(({ metric, value, values }) => ({
      labels: metric,
      samples: (values ?? (value ? [value] : [])).map(([time, text]) => [time, Number(text)] as const),
    }))
  }

  /** The data of an answer of the API, such as of `targets`. */
  async get<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
    const url = `${await this.#origin()}/api/v1/${path}?${new URLSearchParams(parameters)}`
    const response = await fetch(url, { headers: this.#headers, signal: AbortSignal.timeout(10_000) })
    const { data, error } = (await response.json()) as { data?: T; error?: string }
    if (data === undefined || error !== undefined) throw new Error(`Prometheus: ${error} (${parameters.query ?? path})`)
    return data
  }
}
