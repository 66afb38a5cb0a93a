import { describe, expect, test } from 'bun:test'
import { grafanaValues, prometheusValues } from './helm.ts'
import { type Duration, PROFILES, secondsOf } from './profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, JOBS } from './targets.ts'

describe.each(PROFILES.map(profile => [profile.name, profile] as const))('the %s values', (_, profile) => {
  const values = prometheusValues(profile)
  const jobs = Object.entries(values.scrapeConfigs).filter(([, job]) => !('enabled' in job))

  test('scrape every job that is named, and no other', () => {
    expect(jobs.map(([name]) => name).sort()).toEqual([...Object.values(JOBS), ...Object.values(CLUSTER_JOBS)].sort())
  })

  test("draw graphs in steps of a scrape interval, so that no state between two of Grafana's default steps is lost", () => {
    const [prometheus] = grafanaValues(profile).datasources['datasources.yaml'].datasources
    expect(prometheus).toMatchObject({ uid: 'prometheus', jsonData: { timeInterval: profile.scrapeInterval } })
  })

  test('end one scrape before the next', () => {
    const { scrape_interval, scrape_timeout } = values.server.global
    expect(secondsOf(scrape_timeout as Duration)).toBeGreaterThan(1)
    expect(secondsOf(scrape_timeout as Duration)).toBeLessThan(secondsOf(scrape_interval))
  })

  test('make and store the metrics of the cluster that are named, and no other', () => {
    const cadvisor = JSON.stringify(values.scrapeConfigs[CLUSTER_JOBS.cadvisor])
    const kept = /\((container_[^)]*)\)/.exec(cadvisor)?.[1]?.split('|') ?? []
    expect([...values['kube-state-metrics'].metricAllowlist, ...kept].sort()).toEqual(
      Object.values(CLUSTER_METRICS).sort() as string[],
    )
  })

  test('tell the receiver when an alert fires and when it is resolved', () => {
    expect(values.alertmanager.config.receivers).toEqual([
      {
        name: 'webhook',
        webhook_configs: [{ url: 'http://alert-receiver.monitoring.svc:9099/alerts', send_resolved: true }],
      },
    ])
  })
})

test('another configuration is another pod', () => {
  const [one, two] = PROFILES.map(profile => prometheusValues(profile).server.podAnnotations['checksum/config'])
  expect(one).toMatch(/^[0-9a-f]{64}$/)
  expect(one).not.toBe(two as string)
})
