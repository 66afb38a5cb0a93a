import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { UserError } from '../../lib/user-error.ts'

/** A Grafana that answers: its origin, and the headers that authorise requests. */
export interface Grafana {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

/** The data source's uid in monitoring/data-sources.ts. */
const DATASOURCE = 'prometheus'

/**
 * The Grafana at an address. Undefined if the address is no URL, or if Grafana does not answer or refuses the user.
 * @param address may contain the user and password: `http://admin:PASSWORD@127.0.0.1:3001`
 */
export async function findGrafana(address: string): Promise<Grafana | undefined> {
  if (!URL.canParse(address)) return undefined
  const { origin, username, password } = new URL(address)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers: Record<string, string> = username ? { authorization: `Basic ${btoa(credentials)}` } : {}
  const signal = AbortSignal.timeout(2000)
  const answer = await fetch(`${origin}/api/search?limit=1`, { headers, signal }).catch(() => undefined)
  return answer?.ok ? { origin, headers } : undefined
}

/** URL of Prometheus through Grafana's data source, as panels query it. */
export const throughGrafana = ({ origin }: Grafana) => `${origin}/api/datasources/proxy/uid/${DATASOURCE}`

/**
 * Reads dashboards from Grafana by their uids.
 * @throws UserError if Grafana does not have one of them
 */
export const dashboardsOf = ({ origin, headers }: Grafana, uids: readonly string[]): Promise<Dashboard[]> =>
  Promise.all(
    uids.map(async uid => {
      const answer = await fetch(`${origin}/api/dashboards/uid/${uid}`, { headers })
      if (!answer.ok)
        throw new UserError(
          `Grafana at ${origin} does not have the dashboard ${uid} (status ${answer.status}); import it from helm/generated/dashboards`,
        )
      return ((await answer.json()) as { dashboard: Dashboard }).dashboard
    }),
  )
