/** What the bench compares. Each variant but the first adds one thing (`by`) to another (`from`), or does it in another way. */
export const VARIANTS = {
  bare: { from: '–', by: 'the application alone' },
  metrics: { from: 'bare', by: 'counts and times requests, and samples the event loop' },
  ids: { from: 'metrics', by: 'gives each request an id, and its answer a header with that id' },
  service: { from: 'ids', by: 'logs a line for each request: what users run' },
  library: { from: 'metrics', by: "counts by prom-client's inc() and observe() at each request, as tutorials do" },
} as const

export type Variant = keyof typeof VARIANTS

/** The names of the variants, in the order of {@link VARIANTS}. */
export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[]
