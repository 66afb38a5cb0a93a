import { beforeAll, describe, expect, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureCapacity } from '../drills/overload/capacity.ts'
import { type Offer, offer } from '../drills/overload/load.ts'
import { INPUTS } from '../loadtest/inputs.ts'
import { NAMESPACE, SERVICE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/pods.ts'
import { untilReady } from '../platforms/kubernetes/service/replicas.ts'
import { api, askPod, cluster, FOLDER, platform, readyEndpoints, say, until } from './support.ts'

/** Of two pods' capacity. */
const SHARE = 0.6
/** Seconds of load around all that is done to the pods, at most. */
const LONGEST = 120
/**
 * Requests, at least and at most. A new connection each takes a port of this machine, of which there are 28,000: one that is
 * taken again while the node still remembers its last connection loses its first packets, whatever the pods do.
 */
const REQUESTS = { least: 20_000, most: 26_000 }

/**
 * Seconds for which Linux remembers a connection that has ended (nf_conntrack_tcp_timeout_time_wait). A new one from the same
 * port may get no answer until then, which is the node's doing and no pod's.
 */
const FORGOTTEN = 120

const folder = join(FOLDER, 'rollouts')

interface Load {
  readonly rate: number
  readonly duration: number
  readonly cost: 'medium' | 'light'
}

/** When the capacities were measured, with a new connection for each request. */
let measured = 0

/** By whether connections are kept. */
const loads: { off?: Load; on?: Load } = {}

let runs = 0
const offered = (load: Offer) => offer(platform, load, `load-${++runs}`, folder)

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  await platform.scale(2)
  const least = (1.05 * REQUESTS.least) / LONGEST
  for (const cost of ['medium', 'light'] as const) {
    const capacity = await measureCapacity(2, (clients, duration) => offered({ clients, duration, cost }))
    const rate = Math.ceil(Math.max(SHARE * capacity.rate, least))
    const share = rate / capacity.rate
    say(`two pods carry ${capacity.rate} ${cost} requests/s; ${rate}/s are ${(100 * share).toFixed(0)} %`)
    // more than 85 % is more than they can do while one of them is replaced: then the requests must be lighter
    if (share < 0.85) loads.off ??= { rate, cost, duration: Math.min(LONGEST, Math.floor(REQUESTS.most / rate)) }
    // light ones, because a kept connection stays where it is: when one of two pods goes, the other has all of them until
    // the next restart, and of light requests a pod carries more where none needs a new connection
    if (cost === 'light') loads.on = { rate, cost, duration: LONGEST }
  }
  measured = Date.now()
}, 400_000)

const kubectl = (...args: string[]) => cluster.kubectl(['-n', NAMESPACE, ...args])

/** What is done to the pods while load goes on, each step to its end. */
const STEPS: readonly (readonly [name: string, step: () => Promise<unknown>])[] = [
  ['scale 2 to 4', () => platform.scale(4)],
  ['scale 4 to 2', () => platform.scale(2)],
  [
    'delete a pod',
    async () => {
      const [pod] = await servicePods(api)
      await kubectl('delete', 'pod', `${pod?.metadata.name}`, '--wait=true')
      await untilReady(api, 2, say)
    },
  ],
  // last, because they also spread kept connections over the pods again
  ...[1, 2, 3].map(
    number =>
      [
        `rolling restart ${number}`,
        async () => {
          await kubectl('rollout', 'restart', 'deployment', SERVICE)
          await kubectl('rollout', 'status', 'deployment', SERVICE, '--timeout=60s')
        },
      ] as const,
  ),
]

describe('under steady load, not one request is lost', () => {
  test.each([
    ['with connections kept alive', 'on'], // first, for it leaves few connections to forget to the other
    ['with a new connection each', 'off'],
  ] as const)(
    '%s',
    async (_, keepAlive) => {
      const load = loads[keepAlive]
      if (load === undefined) throw new Error('two pods carry too little for a load of 20,000 requests in 120 s')
      const left = FORGOTTEN - (Date.now() - measured) / 1000
      if (left > 0) {
        say(`waiting ${left.toFixed(0)} s, until the node has forgotten the connections of the measurements`)
        await Bun.sleep(left * 1000)
      }
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
      expect(requests).toBeGreaterThanOrEqual(REQUESTS.least)
      expect({ lost, dropped, wrong }).toEqual({ lost: 0, dropped: 0, wrong: 0 })
    },
    300_000,
  )
})

test('a pod that is killed by SIGKILL loses only what it held', async () => {
  const origin = await platform.api()
  const asked: { begin: number; end: number; ok: boolean }[] = []
  const clients: Promise<void>[] = []
  const ask = async () => {
    const begin = performance.now()
    const answer = fetch(`${origin}/factors/${INPUTS.light[0]}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(5000),
    })
    const ok = await answer.then(async response => Boolean(await response.json()) && response.ok).catch(() => false)
    asked.push({ begin, end: performance.now(), ok })
  }
  const load = setInterval(() => clients.push(ask()), 10)
  await Bun.sleep(3000)

  const [victim] = await servicePods(api)
  const name = `${victim?.metadata.name}`
  const restarts = async () =>
    (await servicePods(api)).find(({ metadata }) => metadata.name === name)?.status.containerStatuses?.[0]
  const before = (await restarts())?.restartCount ?? 0
  const begin = performance.now()
  // beyond its memory limit: the kernel kills it, as SIGKILL does
  const killing = askPod(name, '/faults/memory/256', { method: 'POST' }).catch(() => {})
  await until(30, 'the pod is taken out of the Service', async () => (await readyEndpoints()) < 2)
  const removed = performance.now()
  await killing
  await until(60, 'it serves again', async () => (await readyEndpoints()) === 2)
  await Bun.sleep(3000)
  clearInterval(load)
  await Promise.all(clients)

  const status = await restarts()
  expect(status?.restartCount).toBe(before + 1)
  expect(status?.lastState.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })

  // what it held: what had been given to it and not answered, and what was given to it until the Service left it out
  const margin = 1500 // a node learns of it within a second or so
  const given = asked.filter(({ begin: b, end }) => end >= begin && b <= removed + margin)
  const failed = asked.filter(({ ok }) => !ok)
  say(
    `killed; taken out of the Service after ${((removed - begin) / 1000).toFixed(1)} s; ${failed.length} of ${asked.length} ` +
      `requests lost, of ${given.length} that began until then`,
  )
  expect(asked.length).toBeGreaterThan(500)
  expect(failed.length).toBeGreaterThan(0) // else it was not killed while it served
  expect(failed.filter(request => !given.includes(request))).toEqual([])
  expect(failed.length / given.length).toBeLessThan(0.7) // half of them are the other pod's, which loses none
}, 180_000)
