import { describe, expect, test } from 'bun:test'
import { createProgress } from './progress.ts'

/** Progress that is written into a list, by a clock that the test sets, in seconds. */
function recorded(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = []
  let seconds = 0
  const progress = createProgress({ ...terminal, write: text => written.push(text) }, () => seconds * 1000)
  return {
    progress,
    written,
    at(time: number) {
      seconds = time
    },
  }
}

describe('where lines cannot be replaced', () => {
  test('a step is one line at its start, and one every half minute with what is seen', () => {
    const { progress, written, at } = recorded()
    progress.step('Overload', 45)
    for (let second = 1; second <= 65; second++) {
      at(second)
      progress.now(`${second} in flight`)
    }
    progress.end()
    expect(written).toEqual(['Overload  (about 45 s)\n', '  30 s  30 in flight\n', '  60 s  60 in flight\n'])
  })

  test('no line of a step is written within half a minute of a line that stays', () => {
    const { progress, written, at } = recorded()
    progress.step('Install')
    for (const second of [20, 40, 60, 89, 90]) {
      at(second)
      if (second % 20 === 0) progress.say(`${second} MB`)
      else progress.now('')
    }
    progress.end()
    expect(written).toEqual(['Install\n', '20 MB\n', '40 MB\n', '60 MB\n', '  90 s  \n'])
  })

  test('no control character is written', () => {
    const { progress, written } = recorded()
    progress.step('Steady state')
    progress.say('HighLatency: pending')
    progress.end()
    expect(written.join('')).toBe('Steady state\nHighLatency: pending\n')
  })
})

describe('on a terminal', () => {
  test('a step is drawn in place, with the time so far and the usual time, and stays as one line at its end', () => {
    const { progress, written, at } = recorded({ isTTY: true, columns: 80 })
    progress.step('Overload', 45)
    at(12)
    progress.now('96 in flight')
    at(41)
    progress.step('Scale')
    progress.end()
    expect(written.map(text => text.replace('\r\u001b[2K', '<'))).toEqual([
      '<Overload  0 s of about 45 s',
      '<Overload  12 s of about 45 s  96 in flight',
      '<Overload  41 s\n',
      '<Scale  0 s',
      '<Scale  0 s\n',
    ])
  })

  test('a line that stays moves the step below it', () => {
    const { progress, written } = recorded({ isTTY: true, columns: 80 })
    progress.step('Steady state')
    progress.say('HighLatency: pending')
    progress.end()
    expect(written.slice(1, 3).map(text => text.replace('\r\u001b[2K', '<'))).toEqual([
      '<HighLatency: pending\n',
      '<Steady state  0 s',
    ])
  })

  test('what is wider than the terminal is cut, so that it stays one line', () => {
    const { progress, written } = recorded({ isTTY: true, columns: 20 })
    progress.step('The same load: 112 requests/s on 3 replicas')
    progress.end()
    expect(written[0]?.replace('\r\u001b[2K', '')).toHaveLength(19)
  })
})
