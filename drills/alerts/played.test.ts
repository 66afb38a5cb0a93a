import { expect, test } from 'bun:test'
import type { Incident } from '../../monitoring/incidents/incidents.ts'
import { counter, gauge, STALE } from '../../monitoring/incidents/input-series.ts'
import { ofIncident, Player } from './played.ts'

const incident = (input: Incident['input']): Incident => ({
  ...{ alert: 'A', name: '', input, labels: {}, firing: { production: [0, 0], drill: [0, 0] }, description: '' },
})

test('a gauge of an incident: at rest, from its begin on, and at its end', () => {
  const input = [
    gauge('free', { a: '1' }, [
      [9, 30],
      [5, 1],
      [4, 1],
      [STALE, 1],
      [8, 5],
    ]),
  ]
  const player = new Player(ofIncident(incident(input)))
  const said = () => player.scrape().trim()
  expect([said(), said()]).toEqual(['free{a="1"} 9', 'free{a="1"} 9'])
  player.act = 'bad'
  expect([said(), said(), said(), said()]).toEqual(['free{a="1"} 5', 'free{a="1"} 4', '', 'free{a="1"} 8'])
  player.act = 'end'
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
  const player = new Player(ofIncident(incident(input)))
  const value = () => Number(player.scrape().trim().split(' ').at(-1))
  expect([value(), value()]).toEqual([2, 4])
  player.act = 'bad'
  expect([value(), value()]).toEqual([9, 14])
  player.act = 'end'
  expect([value(), value()]).toEqual([15, 16])
})

test('what was before ends where the play begins', () => {
  const player = new Player([{ series: 'asked_total{a="1"}', value: () => 1, history: ago => 100 - ago }])
  expect(player.history(1000, 30, 10)).toBe(
    'asked_total{a="1"} 70 970\nasked_total{a="1"} 80 980\nasked_total{a="1"} 90 990\n# EOF\n',
  )
  expect(player.scrape()).toBe('asked_total{a="1"} 101\n')
})

test('without a history there is none', () => {
  expect(new Player([{ series: 'a{}', value: () => 1 }]).history(1000, 30, 10)).toBe('')
})
