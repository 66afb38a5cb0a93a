/** Parses a text exposition of Prometheus: values by series (name and labels as written). */
export function samples(exposition: string): Map<string, number> {
  const lines = exposition.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

/** Scrapes an address as Prometheus does. */
export async function scrape(metricsUrl: string): Promise<Map<string, number>> {
  return samples(await (await fetch(metricsUrl)).text())
}
