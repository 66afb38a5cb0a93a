import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { UserError } from '../../lib/user-error.ts'

/** A Grafana that answers: where it is, and what says who asks. */
export interface Grafana {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

/** The data source by its uid, in helm/grafana.yaml. */
const DATASOURCE = 'prometheus'

/**
 * The Grafana at an address, whose user and password may be in it; undefined where none answers, or not to that user.
 * @param address such as `http://admin:PASSWORD@127.0.0.1:3001`
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

/** Where Prometheus is, asked through a Grafana: as its panels do. */
export const throughGrafana = ({ origin }: Grafana) => `${origin}/api/datasources/proxy/uid/${DATASOURCE}`

/** The dashboards that a Grafana has, by their uids. Throws a {@link UserError} that names one that it has not. */
export const dashboardsOf = ({ origin, headers }: Grafana, uids: readonly string[]): Promise<Dashboard[]> =>
  Promise.all(
    uids.map(async uid => {
      const answer = await fetch(`${origin}/api/dashboards/uid/${uid}`, { headers })
      if (!answer.ok) throw new UserError(`Grafana at ${origin} does not show ${uid}: it answers ${answer.status}`)
      return ((await answer.json()) as { dashboard: Dashboard }).dashboard
    }),
  )
