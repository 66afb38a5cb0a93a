import { PlatformError } from '../platforms/platform.ts'

/** An alert as Alertmanager delivered it. */
export interface Delivery {
  /** When it arrived, Unix time in seconds. */
  readonly at: number
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Takes what Alertmanager sends to its webhook. */
export interface Receiver {
  /** Everything so far, in the order of arrival. */
  readonly deliveries: readonly Delivery[]
  stop(): Promise<void>
}

/** Listens where Alertmanager delivers. Throws a {@link PlatformError} that names the variable where the port is taken. */
export function startReceiver(port: number, onDelivery: (delivery: Delivery) => void): Receiver {
  const deliveries: Delivery[] = []
  const receive = async (request: Request) => {
    const { alerts } = (await request.json()) as { alerts: Omit<Delivery, 'at'>[] }
    const at = Date.now() / 1000
    for (const { status, labels, annotations } of alerts) {
      const delivery = { at, status, labels, annotations }
      deliveries.push(delivery)
      onDelivery(delivery)
    }
    return new Response()
  }
  try {
    const server = Bun.serve({ hostname: '127.0.0.1', port, routes: { '/alerts': { POST: receive } } })
    return { deliveries, stop: () => server.stop(true) }
  } catch {
    throw new PlatformError(
      `RECEIVER_PORT: port ${port} of 127.0.0.1 is in use; set RECEIVER_PORT to another, also for make up`,
    )
  }
}
