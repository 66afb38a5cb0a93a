import { afterEach, expect, test } from 'bun:test'
import { type Deliveries, type Delivery, type Receiver, startReceiver } from '../../k8s/monitoring/receiver.ts'
import { until } from '../../test/until.ts'
import { type Reception, watchDeliveries } from './watch-deliveries.ts'

let receiver: Receiver | undefined
let reception: Reception | undefined
afterEach(async () => {
  reception?.stop()
  await receiver?.stop()
  receiver = undefined
})

/** The indices that the receiver was asked for. */
const asked: number[] = []
/** A platform with the receiver; undefined while none runs. */
const platform = {
  async deliveries(since: number) {
    asked.push(since)
    if (receiver === undefined) return undefined
    const response = await fetch(`http://127.0.0.1:${receiver.port}/alerts?since=${since}`)
    return (await response.json()) as Deliveries
  },
}
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
  reception = watchDeliveries(platform, delivery => told.push(delivery))
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
  await until(30, 'it asks once more', () => asked.at(-1) === 4)
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
  reception?.stop()
  await deliver('Second')
  await Bun.sleep(1200)
  expect(names()).toEqual(['First'])
})
