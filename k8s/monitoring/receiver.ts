// The webhook of Alertmanager that shows which alerts were delivered: `bun receiver.ts HOST:PORT`. In a cluster it is
// the only file of a pod, so it must import nothing.

/** An alert that Alertmanager delivered. */
export interface Delivery {
  /** Time of arrival: Unix, in seconds. */
  readonly at: number
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** The answer to `GET /alerts?since=INDEX`. */
export interface Deliveries {
  /** Id of the receiver's process. When it changes, the earlier deliveries are lost: ask again since 0. */
  readonly process: string
  /** In order of arrival; fewer than `next - since` when the oldest were discarded. */
  readonly deliveries: readonly Delivery[]
  /** The index for the next request. */
  readonly next: number
}

/** A running receiver. */
export interface Receiver {
  readonly port: number
  /** The newest 10,000 deliveries, in order of arrival. */
  readonly deliveries: readonly Delivery[]
  stop(): Promise<void>
}

/** Maximum number of deliveries in memory (20 MB): those of Watchdog in a day of the drill profile. */
const MAXIMUM_DELIVERIES = 10_000

/** Maximum bytes of a body. A notification of a thousand alerts has about 1 MB. */
const MAXIMUM_BODY = 8 * 2 ** 20

const isText = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string')

/** The alerts of a notification; undefined unless every alert is well-formed. */
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
 * Starts a receiver: `POST /alerts` takes notifications, `GET /alerts` returns {@link Deliveries}, `GET /healthz`
 * answers probes. Throws the error of `Bun.serve` when the port is in use.
 */
export function startReceiver(
  address: { readonly hostname: string; readonly port: number },
  onDelivery: (delivery: Delivery) => void,
): Receiver {
  const process = crypto.randomUUID()
  const kept: Delivery[] = []
  let discarded = 0

  async function receive(request: Request): Promise<Response> {
    const arrived = alertsOf(await request.json().catch(() => undefined), Date.now() / 1000)
    if (arrived === undefined) return new Response('The body is no notification of Alertmanager.\n', { status: 400 })
    kept.push(...arrived)
    arrived.forEach(onDelivery)
    discarded += kept.splice(0, kept.length - MAXIMUM_DELIVERIES).length
    return new Response()
  }

  function list(request: Request): Response {
    const since = new URL(request.url).searchParams.get('since') ?? '0'
    if (!/^\d{1,15}$/.test(since)) return new Response('since must be an index, such as 0.\n', { status: 400 })
    const deliveries = kept.slice(Math.max(0, Number(since) - discarded))
    return Response.json({ process, deliveries, next: discarded + kept.length } satisfies Deliveries)
  }

  const server = Bun.serve({
    ...address,
    development: false,
    reusePort: false, // with `development: false` the default is true: two receivers would share the port
    maxRequestBodySize: MAXIMUM_BODY,
    routes: { '/alerts': { POST: receive, GET: list }, '/healthz': { GET: () => new Response('ok\n') } },
    fetch: () => new Response('POST or GET /alerts, GET /healthz.\n', { status: 404 }),
  })
  return { port: server.port ?? address.port, deliveries: kept, stop: () => server.stop(true) }
}

if (import.meta.main) {
  const log = (line: object) => console.log(JSON.stringify({ time: new Date().toISOString(), ...line }))
  const [hostname = '', port] = (Bun.argv[2] ?? '').split(':')
  const receiver = startReceiver({ hostname, port: Number(port) }, ({ status, labels }) => log({ status, labels }))
  log({ listening: receiver.port })
  process.on('SIGTERM', () => process.exit(0)) // the first process of a container ignores SIGTERM by default
}
