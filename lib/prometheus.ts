/** A sample: time (Unix, seconds) and value. */
type Sample = readonly [time: number, value: number]

/** A series of an answer. */
export interface Answer {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
}

interface Result {
  readonly metric: Record<string, string>
  readonly value?: [number, string]
  readonly values?: [number, string][]
}

/** Asks a Prometheus. Every method rejects where it does not answer, or finds fault with the query. */
export class PrometheusClient {
  readonly #origin: () => Promise<string>
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param origin tells where it is now
   * @param headers of each request, where something stands before it that asks for some
   */
  constructor(origin: () => Promise<string>, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin
    this.#headers = headers
  }

  /** The value of each series of an expression at a time. */
  instant(query: string, time: number): Promise<Answer[]> {
    return this.#ask('query', { query, time: `${time}` })
  }

  /** An expression over time, at every `step` seconds. */
  range(query: string, start: number, end: number, step: number): Promise<Answer[]> {
    return this.#ask('query_range', { query, start: `${start}`, end: `${end}`, step: `${step}` })
  }

  /** The samples of a selector as they are stored, with the times of their scrapes or evaluations. */
  stored(selector: string, start: number, end: number): Promise<Answer[]> {
    return this.#ask('query', {
      query: `${selector}[${Math.max(1, Math.ceil((end - start) * 1000))}ms]`,
      time: `${end}`,
    })
  }

  /** What Prometheus finds wrong with its rules when it evaluates them, a line a rule. */
  async ruleProblems(): Promise<string[]> {
    const response = await fetch(`${await this.#origin()}/api/v1/rules`, { signal: AbortSignal.timeout(10_000) })
    const { data } = (await response.json()) as {
      data: { groups: { rules: { name: string; lastError?: string }[] }[] }
    }
    const rules = data.groups.flatMap(group => group.rules)
    return rules.flatMap(({ name, lastError }) => (lastError ? [`rule ${name}: ${lastError}`] : []))
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<Answer[]> {
    const query = new URLSearchParams(parameters)
    const response = await fetch(`${await this.#origin()}/api/v1/${path}?${query}`, {
      headers: this.#headers,
      signal: AbortSignal.timeout(10_000),
    })
    const { status, error, data } = (await response.json()) as {
      status: string
      error?: string
      data?: { result: Result[] }
    }
    if (status !== 'success' || data === undefined) throw new Error(`Prometheus: ${error} (${parameters.query})`)
    return data.result.map(({ metric, value, values }) => ({
      labels: metric,
      samples: (values ?? (value ? [value] : [])).map(([time, text]) => [time, Number(text)] as const),
    }))
  }
}
