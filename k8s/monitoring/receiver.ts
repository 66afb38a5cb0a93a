// Where Alertmanager delivers, so that drills can see that an alert arrived. Drills on one machine import this file; in a
// cluster it runs alone in a pod (`bun receiver.ts`), so it imports nothing.

/** An alert as Alertmanager delivered it. */
export interface Delivery {
  /** When it arrived, Unix time in seconds. */
  readonly at: number
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** What `GET /alerts?since=INDEX` answers; without `since`, from the first on. */
export interface Deliveries {
  /** Other than the last time: the receiver was restarted and has forgotten what it had; ask again since 0. */
  readonly process: string
  /** Those from the index on, in the order of arrival, as far as they are kept: fewer than `next - since` if some are not. */
  readonly deliveries: readonly Delivery[]
  /** The index to ask for next. */
  readonly next: number
}

/** Takes what Alertmanager sends to its webhook. */
export interface Receiver {
  /** The port it listens on. */
  readonly port: number
  /** The newest 10,000, in the order of arrival. */
  readonly deliveries: readonly Delivery[]
  stop(): Promise<void>
}

/** How many deliveries are kept: a drill has tens, a night of a broken cluster thousands, and 10,000 fit into 20 MB. */
const KEPT = 10_000

/** Bytes of a body that are read at most; a notification of a thousand alerts has about 1 MB. */
const LARGEST_BODY = 8 * 2 ** 20

const isText = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string')

/** The alerts of Alertmanager's webhook, or undefined if this is none. Nothing of a body is taken unless all of it is well-formed. */
function alertsOf(body: unknown, at: number): Delivery[] | undefined {
  const { alerts } = (body ?? {}) as { alerts?: unknown }
  if (!Array.isArray(alerts)) return undefined
  const deliveries: Delivery[] = []
  for (const alert of alerts) {
    const { status, labels, annotations } = (alert ?? {}) as Partial<Delivery>
    if ((status !== 'firing' && status !== 'resolved') || !isText(labels) || !isText(annotations)) return undefined
    deliveries.push({ at, status, labels, annotations })
  }
  return deliveries
}

/**
 * Listens where Alertmanager delivers: `POST /alerts` takes its webhook, `GET /alerts` answers {@link Deliveries}, and
 * `GET /healthz` that it lives. Throws the error of `Bun.serve` where it cannot listen.
 */
export function startReceiver(
  address: { readonly hostname: string; readonly port: number },
  onDelivery: (delivery: Delivery) => void,
): Receiver {
  const process = crypto.randomUUID()
  const kept: Delivery[] = []
  let forgotten = 0

  async function receive(request: Request): Promise<Response> {
    const arrived = alertsOf(await request.json().catch(() => undefined), Date.now() / 1000)
    if (arrived === undefined) return new Response('This is no webhook of Alertmanager.\n', { status: 400 })
    for (const delivery of arrived) {
      kept.push(delivery)
      onDelivery(delivery)
    }
    forgotten += kept.splice(0, kept.length - KEPT).length
    return new Response()
  }

  function list(request: Request): Response {
    const since = new URL(request.url).searchParams.get('since') ?? '0'
    if (!/^\d{1,15}$/.test(since)) return new Response('since: takes an index, such as 0.\n', { status: 400 })
    const deliveries = kept.slice(Math.max(0, Number(since) - forgotten))
    return Response.json({ process, deliveries, next: forgotten + kept.length } satisfies Deliveries)
  }

  const server = Bun.serve({
    ...address,
    development: false,
    reusePort: false, // else `development: false` shares the port with another receiver, which gets half of it
    maxRequestBodySize: LARGEST_BODY,
    routes: { '/alerts': { POST: receive, GET: list }, '/healthz': { GET: () => new Response('ok\n') } },
    fetch: () => new Response('POST or GET /alerts, GET /healthz.\n', { status: 404 }),
  })
  return { port: server.port ?? address.port, deliveries: kept, stop: () => server.stop(true) }
}

if (import.meta.main) {
  const log = (line: object) => console.log(JSON.stringify({ time: new Date().toISOString(), ...line }))
  const { port } = startReceiver({ hostname: '0.0.0.0', port: 9099 }, ({ status, labels }) => log({ status, labels }))
  log({ listening: port })
  process.on('SIGTERM', () => process.exit(0)) // as the first process of a pod it would else ignore it
}
