export type Variant = 'bare' | 'metrics' | 'ids' | 'service' | 'library'

interface Description {
  /** The variant that this one is made from. */
  readonly from?: string
  /** The one thing that this variant adds, or does in another way. */
  readonly by: string
}

/** What the bench compares. Each variant but the first differs from another in one thing. */
export const VARIANTS: Readonly<Record<Variant, Description>> = {
  bare: { by: 'the application alone' },
  metrics: { from: 'bare', by: 'counts and times requests, and samples the event loop' },
  ids: { from: 'metrics', by: 'gives each request an id, and its answer a header with that id' },
  service: { from: 'ids', by: 'logs a line for each request: what users run' },
  library: { from: 'metrics', by: "counts by prom-client's inc() and observe() at each request, as tutorials do" },
}

/** The names of the variants, in the order of {@link VARIANTS}. */
export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[]
