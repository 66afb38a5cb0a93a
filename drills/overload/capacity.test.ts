import { expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { measureCapacity } from './capacity.ts'

const { clients } = SERVICE_CONFIG.load

import type { LoadResult } from './overload-result.ts'

/** Measures replicas that answer these rates in turn, the last one for ever; `clients` of each run. */
async function measure(rates: readonly number[], failedRatio = 0, wrong = 0) {
  const clients: number[] = []
  const capacity = await measureCapacity(3, async count => {
    const rate = rates[Math.min(clients.length, rates.length - 1)] as number
    clients.push(count)
    return { rate, failedRatio, wrong } as LoadResult
  })
  return { ...capacity, clients }
}

test('one run is never enough, and two that agree are', async () => {
  const { rate, runs } = await measure([100, 100])
  expect({ rate, runs: runs.length }).toEqual({ rate: 100, runs: 2 })
})

test('runs go on while the replicas get faster: they are cold at first', async () => {
  const { rate, runs } = await measure([40, 50, 60, 61])
  expect({ rate, runs: runs.length }).toEqual({ rate: 61, runs: 4 })
})

test('the best run counts: noise only slows', async () => {
  expect((await measure([100, 60])).rate).toBe(100)
})

test('it ends, however much the rate goes on rising', async () => {
  expect((await measure([1, 2, 4, 8, 16, 32])).runs).toHaveLength(4)
})

test('each replica has its clients', async () => {
  expect((await measure([100])).clients).toEqual([3 * clients, 3 * clients])
})

test('failing requests are no throughput', async () => {
  await expect(measure([100], 0.02)).rejects.toThrow('2.0 % of the requests of 18 clients failed')
})

test('wrong answers are no throughput', async () => {
  await expect(measure([100], 0, 3)).rejects.toThrow('3 answers to 18 clients were wrong')
})
