import { describe, expect, test } from 'bun:test'
import { type CPUSecond, describeShortage, recordCPU } from './cpu-shortage.ts'

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
      'Scaled: no CPU was left in 2 of 10 s (idle 2 %, tasks waited 70 % of the time, 5.0 runnable tasks on 2 cores, steal 0 %, ' +
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
