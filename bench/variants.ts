export type Variant = 'bare' | 'metrics' | 'ids' | 'service' | 'library'

interface Description {
  /** The variant that this one is made from. */
  readonly from?: string
  /** The one thing that is added to it, or done in another way. */
  readonly by: string
}

/** What the bench compares. Each variant but the first differs from another in one thing. */
export const VARIANTS: Readonly<Record<Variant, Description>> = {
  bare: { by: 'the application alone' },
  metrics: { from: 'bare', by: 'its requests are counted and timed, and its event loop is sampled' },
  ids: { from: 'metrics', by: 'each request has an id, and its answer says it' },
  service: { from: 'ids', by: 'each request is a line of log: what users run' },
  library: { from: 'metrics', by: "each request is counted by prom-client's inc() and observe(), as tutorials do" },
}

/** The names of the variants, in the order of {@link VARIANTS}. */
export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[]
