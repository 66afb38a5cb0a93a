import { expect, test } from 'bun:test'
import { type Answer, PrometheusClient } from '../lib/prometheus.ts'
import { EXPECTED_TARGETS, PROBE_LABELS, SERVICE_LABELS } from '../monitoring/incidents/labels.ts'
import { PRODUCTION } from '../monitoring/profiles.ts'
import { EXPORTERS, JOBS } from '../monitoring/targets.ts'
import { WITH_INSTALL } from './programs.ts'
import { alertsBetween, runHour } from './rest.ts'

const series = (name: string, labels: Answer['labels'], ...values: number[]): Answer => ({
  labels: { __name__: name, ...labels },
  samples: values.map((value, i) => [5 * i, value]),
})

test(
  'an hour fails when a target is down and notifications fail',
  async () => {
    const { outcome, output } = await runHour(PRODUCTION, [
      ...[...EXPECTED_TARGETS, SERVICE_LABELS].map(labels =>
        series(EXPORTERS.up, labels, labels === PROBE_LABELS ? 0 : 1),
      ),
      series(EXPORTERS.alertmanagersDiscovered, { job: JOBS.prometheus, instance: 'a' }, 1),
      series(EXPORTERS.notificationsFailed, { job: JOBS.alertmanager, instance: 'a' }, 0, 1),
    ])
    expect(outcome).toBe('failed')
    const firing = [...output.matchAll(/alertname="(\w+)", alertstate="firing"/g)].map(([, name]) => name)
    expect(firing.sort()).toEqual(['NotificationsFailing', 'TargetDown'])
  },
  WITH_INSTALL,
)

test('alerts on the machine are not judged, and without Watchdog no time is', async () => {
  const stored = (...alerts: readonly [alertname: string, area: string][]) => {
    const client = new PrometheusClient(async () => '')
    const answers = alerts.map(([alertname, area]) => series('ALERTS', { alertname, area, alertstate: 'pending' }, 1))
    client.stored = async () => answers
    return client
  }
  const watchdog = ['Watchdog', 'pipeline'] as const
  const active = await alertsBetween(stored([...watchdog], ['NodeCPUHigh', 'node'], ['TargetDown', 'pipeline']), 0, 60)
  expect(active.map(({ labels }) => labels.alertname)).toEqual(['TargetDown'])
  await expect(alertsBetween(stored(['TargetDown', 'pipeline']), 0, 60)).rejects.toThrow('Watchdog was not firing')
})
