/** Parses a text exposition of Prometheus: values by series (name and labels as written). */
export function samples(exposition: string): Map<string, number> {
  const lines = exposition.matchAll(/^([^#\n].*) (.*)$/gm)
  return new Map(lines.map(([, series = '', value]) => [series, Number(value)]))
}

/** Scrapes an address as Prometheus does. */
export const scrape = async (metricsUrl: string) => samples(await (await fetch(metricsUrl)).text())
