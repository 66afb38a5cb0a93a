import { expect, test } from 'bun:test'
import type { Delivery } from '../k8s/monitoring/receiver.ts'
import type { ActiveAlert } from '../lib/prometheus.ts'
import { activeAlertsText, deliveriesText } from './alerts-text.ts'

const NOW = 1_800_000_000

const labelsOf = (alertname: string, instance: string) => ({
  alertname,
  severity: 'warning',
  area: 'service',
  instance,
})

const active = (alertname: string, state: ActiveAlert['state'], secondsAgo: number): ActiveAlert => ({
  labels: labelsOf(alertname, 'replica-1'),
  state,
  activeAt: new Date((NOW - secondsAgo) * 1000).toISOString(),
})

const delivery = (alertname: string, status: Delivery['status'], secondsAgo: number): Delivery => ({
  at: NOW - secondsAgo,
  status,
  labels: labelsOf(alertname, 'replica-1'),
  annotations: {},
})

/** The lines of a text, with one space in place of several, and without dates. */
const lines = (text: string) =>
  text.split('\n').map(line => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, 'DATE').replaceAll(/ +/g, ' '))

test('active alerts are listed with severity, age and labels, the oldest first', () => {
  const text = activeAlertsText(
    [active('HighLatency', 'pending', 5), active('Watchdog', 'firing', 900), active('Exceptions', 'firing', 600)],
    NOW,
  )
  expect(lines(text)).toEqual([
    'state alert severity active since labels',
    'firing Exceptions warning DATE (10 min ago) instance=replica-1',
    'pending HighLatency warning DATE (5 s ago) instance=replica-1',
  ])
})

test('a stack at rest has no active alert; Watchdog is missed when it does not fire', () => {
  expect(activeAlertsText([active('Watchdog', 'firing', 5)], NOW)).toBe('No alert is pending or firing.')
  expect(activeAlertsText([], NOW)).toContain('Watchdog does not fire')
})

test('changes of the status are listed, the newest last; repeated notifications are not', () => {
  const deliveries = [
    delivery('Watchdog', 'firing', 9000),
    delivery('HighLatency', 'firing', 8000),
    delivery('HighLatency', 'firing', 300),
    delivery('Watchdog', 'firing', 20),
    delivery('HighLatency', 'resolved', 10),
  ]
  expect(lines(deliveriesText(deliveries, NOW, 20))).toEqual([
    'delivered alert severity at labels',
    'firing HighLatency warning DATE (2 h ago) instance=replica-1',
    'resolved HighLatency warning DATE (10 s ago) instance=replica-1',
    'Watchdog was last delivered DATE (20 s ago).',
  ])
  expect(lines(deliveriesText(deliveries, NOW, 1)).slice(1, 3)).toEqual([
    'resolved HighLatency warning DATE (10 s ago) instance=replica-1',
    'The last 1 of 2 deliveries; LAST=2 shows all.',
  ])
})

test('a receiver without a notification says so', () => {
  expect(lines(deliveriesText([], NOW, 20))).toEqual(['No alert was delivered.', 'Watchdog was not delivered yet.'])
})
