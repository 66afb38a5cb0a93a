import { expect, test } from 'bun:test'
import type { Incident } from '../../monitoring/incidents/incidents.ts'
import { counter, gauge } from '../../monitoring/incidents/input-series.ts'
import { STALE } from '../../monitoring/incidents/stretches.ts'
import { SeriesPlayer, seriesOf } from './series-player.ts'

const incident = (input: Incident['input']): Incident => ({
  ...{ alert: 'A', name: '', input, labels: {}, firing: { production: [0, 0], drill: [0, 0] }, description: '' },
})

test('a gauge of an incident: at rest, from its start on, and at its end', () => {
  const input = [
    gauge('free', { a: '1' }, [
      [9, 30],
      [5, 1],
      [4, 1],
      [STALE, 1],
      [8, 5],
    ]),
  ]
  const player = new SeriesPlayer(seriesOf(incident(input)))
  const said = () => player.scrape().trim()
  expect([said(), said()]).toEqual(['free{a="1"} 9', 'free{a="1"} 9'])
  player.begin('incident')
  expect([said(), said(), said(), said()]).toEqual(['free{a="1"} 5', 'free{a="1"} 4', '', 'free{a="1"} 8'])
  player.begin('recovery')
  expect([said(), said()]).toEqual(['free{a="1"} 8', 'free{a="1"} 8'])
})

test('a counter of an incident goes on from what it was', () => {
  const input = [
    counter('asked_total', { a: '1' }, [
      [2, 30],
      [5, 40],
      [1, 30],
    ]),
  ]
  const player = new SeriesPlayer(seriesOf(incident(input)))
  const value = () => Number(player.scrape().trim().split(' ').at(-1))
  expect([value(), value()]).toEqual([2, 4])
  player.begin('incident')
  expect([value(), value()]).toEqual([9, 14])
  player.begin('recovery')
  expect([value(), value()]).toEqual([15, 16])
})

test('what was before ends where the play begins', () => {
  const player = new SeriesPlayer([{ series: 'asked_total{a="1"}', value: () => 1, history: ago => 100 - ago }])
  expect(player.history(1000, 30, 10)).toBe(
    'asked_total{a="1"} 70 970\nasked_total{a="1"} 80 980\nasked_total{a="1"} 90 990\n# EOF\n',
  )
  expect(player.scrape()).toBe('asked_total{a="1"} 101\n')
})

test('without a history there is none', () => {
  expect(new SeriesPlayer([{ series: 'a{}', value: () => 1 }]).history(1000, 30, 10)).toBe('')
})
