import { describe, expect, test } from 'bun:test'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { type CPUSecond, describeShortage, readNode, recordCPU } from './cpu-shortage.ts'

const BEGIN = 1_800_000_000

/** A machine with CPU to spare, for ten seconds; some of them changed. */
const seconds = (changed: Partial<CPUSecond> = {}, count = 0): CPUSecond[] =>
  Array.from({ length: 10 }, (_, i) => ({
    ...{ at: BEGIN + i + 1, idle: 0.5, steal: 0, pressure: 0.05, runnable: 2, calculation: 0.1 },
    ...(i < count && changed),
  }))

const PHASE = { title: 'Scaled', begin: BEGIN, end: BEGIN + 9 }
const shortageOf = (recorded: readonly CPUSecond[]) => describeShortage(recorded, [PHASE], 2)

const BUSY = { idle: 0.02, pressure: 0.7, runnable: 5 }

describe('a phase was short of CPU', () => {
  test('where tasks waited and nothing was idle, for a fifth of its seconds', () => {
    expect(shortageOf(seconds(BUSY, 1))).toEqual([])
    expect(shortageOf(seconds(BUSY, 2))).toEqual([
      'Scaled: no CPU was left in 2 of 10 samples (idle 2 %, tasks waited 70 % of the time, 5.0 runnable tasks on 2 cores, steal 0 %, ' +
        'a fixed calculation took 1.0 times its least CPU time)',
    ])
  })

  test('where the kernel tells no pressure, by its runnable tasks', () => {
    const { pressure, ...told } = { ...BUSY, pressure: undefined }
    expect(pressure).toBeUndefined()
    const without = seconds(told, 10).map(({ pressure, ...second }) => second)
    expect(shortageOf(without)).toHaveLength(1)
  })

  test('where the hypervisor took CPU, or the cores were slow', () => {
    expect(shortageOf(seconds({ steal: 0.3 }, 5))[0]).toContain('steal 30 %')
    expect(shortageOf(seconds({ calculation: 0.18 }, 5))[0]).toContain('1.8 times its least CPU time')
  })

  test('and not where the machine was busy but nothing waited, or tasks waited for a limit beside idle cores', () => {
    expect(shortageOf(seconds({ idle: 0.02 }, 10))).toEqual([])
    expect(shortageOf(seconds({ pressure: 0.9, runnable: 6 }, 10))).toEqual([])
  })

  test('and not by what was before or after it', () => {
    const other = { title: 'Later', begin: BEGIN + 100, end: BEGIN + 110 }
    expect(describeShortage(seconds(BUSY, 10), [other], 2)).toEqual([])
  })
})

test('the machine is recorded each second, with plausible figures', async () => {
  const recording = recordCPU()
  for (const end = Date.now() + 30_000; Date.now() < end && recording.seconds.length < 1; ) await Bun.sleep(50)
  recording.stop()
  const [second] = recording.seconds
  for (const ratio of [second?.idle, second?.steal]) {
    expect(ratio).toBeGreaterThanOrEqual(0)
    expect(ratio).toBeLessThanOrEqual(1)
  }
  expect(second?.runnable).toBeGreaterThanOrEqual(1)
  expect(second?.calculation).toBeGreaterThan(0)
}, 60_000)

test('what node_exporter tells of a node is read in the same form, and judged by its cores', async () => {
  const answers = (query: string): [number, string][] => {
    if (query.startsWith('count(')) return [[BEGIN, '4']]
    const value = query.includes('steal')
      ? '0.25'
      : query.includes('pressure')
        ? '0.6'
        : query.includes('idle')
          ? '0.01'
          : '9'
    return [1, 6, 11].map(second => [BEGIN + second, value])
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const { searchParams } = new URL(request.url)
      const values = answers(searchParams.get('query') ?? '')
      const result = [{ metric: {}, ...(values.length > 1 ? { values } : { value: values[0] }) }]
      return Response.json({ status: 'success', data: { result } })
    },
  })
  const { samples, cores } = await readNode(new PrometheusClient(async () => server.url.origin), BEGIN, BEGIN + 11, 5)
  await server.stop(true)
  expect(samples[1]).toEqual({ at: BEGIN + 6, idle: 0.01, steal: 0.25, pressure: 0.6, runnable: 9 })
  expect(describeShortage(samples, [PHASE], cores)).toEqual([
    'Scaled: no CPU was left in 2 of 2 samples (idle 1 %, tasks waited 60 % of the time, 9.0 runnable tasks on 4 cores, steal 25 %)',
  ])
})
