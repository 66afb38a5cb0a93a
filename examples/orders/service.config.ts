import { type LoadRequest, type ServiceConfig, SERVICE_CONFIG as THIS_PROJECT } from '../../service.config.ts'

/** An order with this number. */
const idOf = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

/** The order that always exists, which the probe reads. */
export const SAMPLE = { id: idOf(0), item: 'sample', quantity: 1 }

/** The request that reads it. */
export const READ: LoadRequest = { path: `/orders/${SAMPLE.id}`, answer: JSON.stringify(SAMPLE) }

/** The request that places, or replaces, an order. */
export function place(id: string): LoadRequest {
  const body = { item: 'pen', quantity: 3 }
  return { method: 'PUT', path: `/orders/${id}`, body, answer: JSON.stringify({ id, ...body }) }
}

export const SERVICE_CONFIG: ServiceConfig = {
  ...THIS_PROJECT,
  name: 'orders',
  title: 'Orders',
  description: 'A shop that takes orders and keeps them in a database.',
  probe: { path: READ.path, statuses: [200] },
  load: {
    route: '/orders/{id}',
    // Four of five requests read; the fifth writes one of 250 orders.
    request: (_, random) => (random % 5 > 0 ? READ : place(idOf(1 + (random % 1250) / 5))),
    rates: { steady: 20, soak: 15, peak: 150, breakpoint: 200 },
    clients: 6, // two have a connection, the others wait
    smoke: [
      [READ.path, 200, READ.answer],
      [`/orders/${idOf(999)}`, 404, 'problem'],
      ['/orders/1', 422, 'problem'],
    ],
  },
  entry: 'examples/orders/main.ts',
  monitoring: { module: 'examples/orders/orders-monitoring.ts', runbooks: 'examples/orders/runbooks' },
  causes: 'examples/orders/orders-causes.ts',
}
