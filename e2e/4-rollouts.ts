import { beforeAll, describe, expect, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { measureCapacity } from '../drills/overload/capacity.ts'
import { type Offer, offer } from '../drills/overload/offer.ts'
import { PrometheusClient } from '../lib/prometheus.ts'
import { DRILL, secondsOf } from '../monitoring/profiles.ts'
import { SLO } from '../monitoring/rules/slo-rules.ts'
import { NAMESPACE, SERVICE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/workloads.ts'
import { untilReady } from '../platforms/kubernetes/service/replicas.ts'
import { alertsBetween, REST_SECONDS } from '../test/rest.ts'
import { until } from '../test/until.ts'
import { api, askPod, CHARTS, cluster, FOLDER, platform, readyEndpoints, say } from './support.ts'

/** Offered rate: share of the capacity of two pods. */
const SHARE = 0.6
/** Maximum length of a load in seconds; all steps must fit into it. */
const MAXIMUM_SECONDS = 120
/** Length of the load with keep-alive connections in seconds, unless it would have too few requests. The steps take about 50 s. */
const KEEP_ALIVE_SECONDS = 90
/**
 * Seconds for which Linux remembers a connection that has ended (nf_conntrack_tcp_timeout_time_wait). A new connection from
 * the same port may lose its first packets until then; the cause is the node, not a pod.
 */
const CONNTRACK_SECONDS = 120
/** Seconds after a load until the alerts that the load caused have ended: twice the window of the rules. */
const CALM_SECONDS = 60
/** Bounds of the requests of a load: each new connection takes one of the 28,000 ports of this machine. */
const REQUESTS = { minimum: 20_000, maximum: 26_000 }
/** Milliseconds for which a node may still send requests to a pod that the Service has left out. */
const ENDPOINT_DELAY_MS = 1500

const folder = join(FOLDER, 'rollouts')

type Load = Pick<Offer, 'rate' | 'duration' | 'cost'>

/** When the measurements of the capacity ended; each of their requests had a connection of its own. */
let measured = 0

/** The load with keep-alive connections, and the load with a connection for each request. */
const loads: { on?: Load; off?: Load } = {}

let runs = 0
const offered = (load: Offer) => offer(platform, load, `load-${++runs}`, folder)

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  await platform.scale(2)
  const minimumRate = (1.05 * REQUESTS.minimum) / MAXIMUM_SECONDS
  for (const cost of ['medium', 'light'] as const) {
    const capacity = await measureCapacity(2, (clients, duration) => offered({ clients, duration, cost }))
    const rate = Math.ceil(Math.max(SHARE * capacity.rate, minimumRate))
    const share = rate / capacity.rate
    say(`two pods carry ${capacity.rate} ${cost} requests/s; the load is ${rate}/s, ${(100 * share).toFixed(0)} %`)
    // Above 85 % the pods are overloaded while one of them is replaced: then the load needs lighter requests.
    const duration = Math.min(MAXIMUM_SECONDS, Math.floor(REQUESTS.maximum / rate))
    if (share < 0.85) loads.off ??= { rate, cost, duration }
    // A keep-alive connection stays with its pod: when one of two pods goes, the other has all connections until the next
    // restart. Light requests leave a pod enough capacity for that.
    const atLeast = Math.ceil((1.05 * REQUESTS.minimum) / rate)
    if (cost === 'light') loads.on = { rate, cost, duration: Math.max(KEEP_ALIVE_SECONDS, atLeast) }
  }
  measured = Date.now()
}, 400_000)

// The pods rest here in any case, until the node has forgotten the connections of the measurements.
test.skipIf(!CHARTS)(
  'at rest, no alert is pending or firing but Watchdog',
  async () => {
    const begin = measured / 1000 + CALM_SECONDS
    say(`watching the stack at rest for ${REST_SECONDS} s, from ${CALM_SECONDS} s after the last load`)
    await Bun.sleep(Math.max(0, 1000 * (begin + REST_SECONDS) - Date.now()))
    const active = await alertsBetween(new PrometheusClient(() => platform.prometheus()), begin, Date.now() / 1000)
    const lookBack = begin + secondsOf(DRILL.traffic)
    const byEarlierLoad = ({ labels, samples }: (typeof active)[number]) =>
      SLO in labels || (labels.alertname === 'NoTraffic' && samples.every(([time]) => time < lookBack))
    expect(active.filter(alert => !byEarlierLoad(alert))).toEqual([])
  },
  1000 * (CALM_SECONDS + REST_SECONDS + 60),
)

const kubectl = (...args: string[]) => cluster.kubectl(['-n', NAMESPACE, ...args])

async function deletePod() {
  const [pod] = await servicePods(api)
  await kubectl('delete', 'pod', `${pod?.metadata.name}`, '--wait=true')
  await untilReady(api, 2, say)
}

async function restart() {
  await kubectl('rollout', 'restart', 'deployment', SERVICE)
  await kubectl('rollout', 'status', 'deployment', SERVICE, '--timeout=60s')
}

/** Changes of the pods under load, in this order. The restarts are last, because they distribute keep-alive connections again. */
const STEPS: readonly (readonly [name: string, step: () => Promise<unknown>])[] = [
  ['scale 2 to 4', () => platform.scale(4)],
  ['scale 4 to 2', () => platform.scale(2)],
  ['delete a pod', deletePod],
  ['rolling restart 1', restart],
  ['rolling restart 2', restart],
  ['rolling restart 3', restart],
]

describe('under steady load, no request is lost', () => {
  test.each([
    ['with keep-alive connections', 'on'], // first, because it leaves few connections for the node to forget
    ['with a new connection for each request', 'off'],
  ] as const)(
    '%s',
    async (_, keepAlive) => {
      const load = loads[keepAlive]
      if (load === undefined) throw new Error('two pods carry too little for a load of 20,000 requests in 120 s')
      const left = Math.max(0, CONNTRACK_SECONDS - (Date.now() - measured) / 1000)
      say(`waiting ${left.toFixed(0)} s, until the node has forgotten the connections of the measurements`)
      await Bun.sleep(left * 1000)

      const began = Date.now()
      const elapsed = () => (Date.now() - began) / 1000
      const loading = offered({ ...load, keepAlive })
      loading.catch(() => {})
      await Bun.sleep(5000)
      for (const [name, step] of STEPS) {
        const from = elapsed()
        await step()
        say(`${from.toFixed(0)} to ${elapsed().toFixed(0)} s: ${name}`)
      }
      await Bun.sleep(7000) // the last pods drain
      const done = elapsed()
      const { requests, failedRatio, dropped, wrong, latency } = await loading
      const lost = Math.round(failedRatio * requests)
      say(`${requests} requests, ${lost} lost, ${dropped} not sent, p95 ${(latency.p95 * 1000).toFixed(0)} ms`)
      expect(done).toBeLessThan(load.duration)
      expect(requests).toBeGreaterThanOrEqual(REQUESTS.minimum)
      expect({ lost, dropped, wrong }).toEqual({ lost: 0, dropped: 0, wrong: 0 })
    },
    300_000,
  )
})

/** Sends a request on a connection of its own; times are in milliseconds. */
async function send(url: string): Promise<{ begin: number; end: number; ok: boolean }> {
  const begin = performance.now()
  const answer = fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5000) })
  const ok = await answer.then(async response => Boolean(await response.json()) && response.ok).catch(() => false)
  return { begin, end: performance.now(), ok }
}

test('a pod that SIGKILL ends loses only the requests that it held', async () => {
  const url = `${await platform.api()}${SERVICE_CONFIG.load.request('light', 0).path}`
  const sent: ReturnType<typeof send>[] = []
  const timer = setInterval(() => sent.push(send(url)), 10)
  await Bun.sleep(3000)

  const [victim] = await servicePods(api)
  const name = `${victim?.metadata.name}`
  const container = async () =>
    (await servicePods(api)).find(({ metadata }) => metadata.name === name)?.status.containerStatuses?.[0]
  const before = (await container())?.restartCount ?? 0
  const killed = performance.now()
  // Above the memory limit the kernel ends the process by SIGKILL.
  const killing = askPod(name, '/faults/memory/256', { method: 'POST' }).catch(() => {})
  await until(30, 'the Service leaves the pod out', async () => (await readyEndpoints()) < 2)
  const removed = performance.now()
  await killing
  await until(60, 'the pod serves again', async () => (await readyEndpoints()) === 2)
  await Bun.sleep(3000)
  clearInterval(timer)
  const requests = await Promise.all(sent)

  const status = await container()
  expect(status?.restartCount).toBe(before + 1)
  expect(status?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })

  // The pod may have held what was open when it was killed, and what began until the node had left it out.
  const held = requests.filter(({ begin, end }) => end >= killed && begin <= removed + ENDPOINT_DELAY_MS)
  const failed = requests.filter(({ ok }) => !ok)
  say(
    `killed; left out after ${((removed - killed) / 1000).toFixed(1)} s; ${failed.length} of ${requests.length} requests lost, ` +
      `of ${held.length} that the pod may have held`,
  )
  expect(requests.length).toBeGreaterThan(500)
  expect(failed.length).toBeGreaterThan(0) // else the pod served no request when it was killed
  expect(failed.filter(request => !held.includes(request))).toEqual([])
  expect(failed.length / held.length).toBeLessThan(0.7) // half of the requests went to the other pod, which loses none
}, 180_000)
