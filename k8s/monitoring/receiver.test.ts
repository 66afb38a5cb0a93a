import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Deliveries, type Delivery, type Receiver, startReceiver } from './receiver.ts'

let receiver: Receiver
const seen: Delivery[] = []

beforeAll(() => {
  receiver = startReceiver({ hostname: '127.0.0.1', port: 0 }, delivery => seen.push(delivery))
})
afterAll(() => receiver.stop())

const url = (path: string) => `http://127.0.0.1:${receiver.port}${path}`
const deliver = (body: string) => fetch(url('/alerts'), { method: 'POST', body })
const webhook = (...alerts: object[]) => deliver(JSON.stringify({ version: '4', receiver: 'webhook', alerts }))
const alert = (alertname: string, status = 'firing') => ({
  status,
  labels: { alertname },
  annotations: { summary: `${alertname}!` },
  startsAt: '2026-01-01T00:00:00Z',
})
const poll = async (since?: number) =>
  (await (await fetch(url(`/alerts${since === undefined ? '' : `?since=${since}`}`))).json()) as Deliveries
const names = (deliveries: readonly Delivery[]) => deliveries.map(({ labels }) => labels.alertname)

describe('the receiver', () => {
  test('keeps each alert of a notification with the moment of its arrival', async () => {
    const before = Date.now() / 1000
    expect((await webhook(alert('A'), alert('B', 'resolved'))).status).toBe(200)
    const { deliveries, next } = await poll()
    expect(next).toBe(2)
    expect(deliveries).toMatchObject([
      { status: 'firing', labels: { alertname: 'A' }, annotations: { summary: 'A!' } },
      { status: 'resolved', labels: { alertname: 'B' } },
    ])
    expect(deliveries[0]?.at).toBeWithin(before, Date.now() / 1000 + 0.001)
    expect(Object.keys(deliveries[0] ?? {}).sort()).toEqual(['annotations', 'at', 'labels', 'status'])
    expect(receiver.deliveries).toEqual(deliveries)
    expect(seen).toEqual(deliveries as Delivery[])
  })

  test('gives a poller only what is new', async () => {
    const { next, process } = await poll()
    expect((await poll(next)).deliveries).toEqual([])
    await webhook(alert('C'))
    expect(await poll(next)).toMatchObject({ process, next: next + 1, deliveries: [{ labels: { alertname: 'C' } }] })
  })

  test.each([
    'no JSON',
    'null',
    '{}',
    '{"alerts":[null]}',
    '{"alerts":[{"status":"firing","labels":{"a":1},"annotations":{}}]}',
    JSON.stringify({ alerts: [alert('D'), { ...alert('D'), status: 'suppressed' }] }),
  ])('refuses %p and takes nothing of it', async body => {
    const before = await poll()
    expect((await deliver(body)).status).toBe(400)
    expect(await poll()).toEqual(before)
  })

  test.each(['-1', '1.5', 'x', ''])('refuses since=%p', async since => {
    expect((await fetch(url(`/alerts?since=${since}`))).status).toBe(400)
  })

  test('answers that it lives, and 404 elsewhere', async () => {
    expect(await (await fetch(url('/healthz'))).text()).toBe('ok\n')
    expect((await fetch(url('/'))).status).toBe(404)
  })

  test('keeps the newest 10,000, and its indices stay true', async () => {
    const { next } = await poll()
    await webhook(...Array.from({ length: 10_001 }, (_, n) => alert(`N${n}`)))
    const all = await poll(next)
    expect(all.next).toBe(next + 10_001)
    expect(all.deliveries.length).toBe(10_000)
    expect(names(all.deliveries).slice(0, 1)).toEqual(['N1'])
    expect(names((await poll(all.next - 1)).deliveries)).toEqual(['N10000'])
  })

  test('that was started anew says so', async () => {
    const other = startReceiver({ hostname: '127.0.0.1', port: 0 }, () => {})
    const answer = (await (await fetch(`http://127.0.0.1:${other.port}/alerts?since=7`)).json()) as Deliveries
    await other.stop()
    expect(answer).toMatchObject({ deliveries: [], next: 0 })
    expect(answer.process).not.toBe((await poll()).process)
  })

  test('says which port is taken by the error of Bun', () => {
    expect(() => startReceiver({ hostname: '127.0.0.1', port: receiver.port }, () => {})).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    )
  })
})

test('alone, it listens, logs a line a delivery, and ends when it is told to', async () => {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/receiver.ts`, '127.0.0.1:0'], { stdout: 'pipe' })
  const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  const { listening } = JSON.parse((await lines.next()).value ?? '')
  await fetch(`http://127.0.0.1:${listening}/alerts`, {
    method: 'POST',
    body: JSON.stringify({ alerts: [alert('E')] }),
  })
  expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ status: 'firing', labels: { alertname: 'E' } })
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
})
