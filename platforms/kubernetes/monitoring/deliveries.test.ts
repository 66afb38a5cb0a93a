import { afterEach, expect, test } from 'bun:test'
import { type Delivery, type Receiver, startReceiver } from '../../../k8s/monitoring/receiver.ts'
import { apiOf } from '../../../test/kubectl.ts'
import { until } from '../../../test/until.ts'
import type { Reception } from '../../platform.ts'
import { watchDeliveries } from './deliveries.ts'

const PROXY = '/api/v1/namespaces/monitoring/services/alert-receiver:9099/proxy'

let receiver: Receiver | undefined
let reception: Reception | undefined
afterEach(async () => {
  await reception?.stop()
  await receiver?.stop()
  receiver = undefined
})

/** An API server that proxies to the receiver; without a receiver, it answers 503. */
const asked: string[] = []
const api = apiOf(
  () => ({}),
  path => {
    asked.push(path)
    if (!path.startsWith(PROXY)) return Promise.reject(new Error(path))
    if (receiver === undefined) return Promise.resolve(new Response('no endpoints available', { status: 503 }))
    return fetch(`http://127.0.0.1:${receiver.port}${path.slice(PROXY.length)}`)
  },
)
const start = () => {
  receiver = startReceiver({ hostname: '127.0.0.1', port: 0 }, () => {})
}

/** Delivers alerts to the receiver as Alertmanager does. */
const deliver = (...names: string[]) =>
  fetch(`http://127.0.0.1:${receiver?.port}/alerts`, {
    method: 'POST',
    body: JSON.stringify({
      alerts: names.map(alertname => ({ status: 'firing', labels: { alertname }, annotations: {} })),
    }),
  })

const told: Delivery[] = []
const watch = () => {
  told.length = 0
  reception = watchDeliveries(api, delivery => told.push(delivery))
}
const names = () => told.map(({ labels }) => labels.alertname)

async function eventually(...expected: string[]): Promise<void> {
  await until(30, `${expected.join()} are told`, () => names().length >= expected.length)
  expect(names()).toEqual(expected)
  expect(reception?.deliveries).toEqual(told)
}

test('each delivery is reported once, in order of arrival, and none from before the start', async () => {
  start()
  await deliver('Before')
  await Bun.sleep(20)
  watch()
  await deliver('First', 'Second')
  await eventually('First', 'Second')
  await deliver('Third')
  await eventually('First', 'Second', 'Third')
  await until(30, 'it asks once more', () => asked.at(-1) === `${PROXY}/alerts?since=4`)
  await eventually('First', 'Second', 'Third')
})

test('a receiver that starts later is found', async () => {
  watch()
  await Bun.sleep(100)
  start()
  await deliver('First')
  await eventually('First')
})

test('after a restart of the receiver no new delivery is lost, and none is reported twice', async () => {
  start()
  watch()
  await deliver('First', 'Second', 'Third')
  await eventually('First', 'Second', 'Third')
  await receiver?.stop()
  receiver = undefined
  await Bun.sleep(600)
  start()
  await deliver('Fourth') // at an index that the first receiver had passed
  await eventually('First', 'Second', 'Third', 'Fourth')
  await deliver('Fifth')
  await eventually('First', 'Second', 'Third', 'Fourth', 'Fifth')
})

test('nothing is reported after the stop', async () => {
  start()
  watch()
  await deliver('First')
  await eventually('First')
  await reception?.stop()
  await deliver('Second')
  await Bun.sleep(1200)
  expect(names()).toEqual(['First'])
})
