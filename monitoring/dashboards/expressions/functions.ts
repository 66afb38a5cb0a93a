/** Of each counter, a second; the window is at least four scrapes (Grafana sees to that). */
export const rate = (counter: string) => `rate(${counter}[$__rate_interval])`

/** Of each counter, over the range that is shown. */
export const increase = (counter: string) => `increase(${counter}[$__range])`

/** Of a histogram, in the unit of its buckets. */
export const quantile = (q: number, buckets: string) => `histogram_quantile(${q}, ${buckets})`
