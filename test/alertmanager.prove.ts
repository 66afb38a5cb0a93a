// Which notifications a real Alertmanager with the generated configuration sends for alerts that fire.
import { beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { endProgram, lastLines, startProgram } from '../lib/process.ts'
import { alertmanagerConfiguration } from '../monitoring/alertmanager.ts'
import { DRILL } from '../monitoring/profiles.ts'
import { type Alert, alertingRule } from '../monitoring/rule.ts'
import { alerts } from '../monitoring/rules/rules.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { WITH_INSTALL } from './programs.ts'
import { until } from './until.ts'

const NAME = SERVICE_CONFIG.name

/** Name of an alert, and the labels that its expression gives it. */
type Firing = readonly [name: string, labels?: Readonly<Record<string, string>>]

const rules = alerts(DRILL)

/** Starts Alertmanager on a free port, and waits until it is ready; `address` is its host and port. */
async function startAlertmanager(configuration: object): Promise<{ address: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'))
  const [file, log] = [join(folder, 'alertmanager.yml'), join(folder, 'log')]
  writeFileSync(file, JSON.stringify(configuration))
  const unused = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const address = `127.0.0.1:${unused.port}`
  unused.stop(true)
  const command = [
    await ensureProgram(PROGRAMS.alertmanager),
    `--config.file=${file}`,
    `--web.listen-address=${address}`,
    `--storage.path=${join(folder, 'data')}`,
    '--cluster.listen-address=',
  ]
  const child = startProgram(command, { output: { log } })
  await until(60, 'Alertmanager is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Alertmanager ended: ${lastLines(log, 15).join('\n')}`)
    return (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok ?? false
  })
  return { address, stop: () => endProgram(child, 10) }
}

/**
 * An alert as text: its name, and the values of the labels that its expression gives it, in the order of the labels.
 */
function asText(labels: Readonly<Record<string, string>>): string {
  const { alertname, area: _, severity: __, ...object } = labels
  return [
    alertname,
    ...Object.keys(object)
      .sort()
      .map(name => object[name]),
  ].join(' ')
}

/**
 * Starts a webhook that keeps the alerts of each notification as text; "resolved" stands before an alert that has
 * ended.
 */
function startWebhook() {
  const notifications: string[][] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { alerts } = (await request.json()) as { alerts: { status: string; labels: Record<string, string> }[] }
      const texts = alerts.map(({ status, labels }) => (status === 'resolved' ? 'resolved ' : '') + asText(labels))
      notifications.push(texts.sort())
      return new Response()
    },
  })
  return { notifications, url: server.url.href, stop: () => server.stop(true) }
}

/** Starts Alertmanager with the generated configuration and a webhook, and posts Watchdog. */
async function startDelivery() {
  const { notifications, ...webhook } = startWebhook()
  const { address, stop } = await startAlertmanager(alertmanagerConfiguration(DRILL, webhook.url))
  const alertsUrl = `http://${address}/api/v2/alerts`

  /** Posts alerts as Prometheus does; `ended`: they have ended. */
  async function post(firing: readonly Firing[], ended = false): Promise<void> {
    const posted = firing.map(([name, labels]) => {
      const { labels: own, annotations } = alertingRule(rules.find(alert => alert.name === name) as Alert)
      return { labels: labelsOf(name, own, labels), annotations, ...(ended && { endsAt: new Date() }) }
    })
    const { status } = await fetch(alertsUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(posted),
    })
    expect(status).toBe(200)
  }

  const heartbeats = () => notifications.filter(([name]) => name === 'Watchdog').length
  await post([['Watchdog']])
  return {
    post,
    /** The notifications until now, without those for Watchdog. */
    delivered: () => notifications.filter(([name]) => name !== 'Watchdog').sort(),
    /** Names of the alerts that Alertmanager knows. */
    async known(): Promise<string[]> {
      const alerts = (await (await fetch(alertsUrl)).json()) as { labels: Record<string, string> }[]
      return alerts.flatMap(({ labels }) => labels.alertname ?? []).sort()
    },
    /**
     * Waits for two notifications for Watchdog: then all notifications for alerts that were posted before have been
     * sent.
     */
    async settle(): Promise<void> {
      const before = heartbeats()
      await until(60, 'Watchdog has been notified twice', () => heartbeats() >= before + 2)
    },
    async stop(): Promise<void> {
      await stop()
      await webhook.stop()
    },
  }
}

const labelsOf = (name: string, own: object, labels: Firing[1]) => ({ alertname: name, ...own, ...labels })

/** Posts alerts and Watchdog to a new Alertmanager, and returns the notifications for all but Watchdog. */
async function notify(firing: readonly Firing[]): Promise<string[][]> {
  const delivery = await startDelivery()
  await delivery.post(firing)
  await delivery.settle()
  await delivery.stop()
  return delivery.delivered()
}

beforeAll(() => ensureProgram(PROGRAMS.alertmanager), WITH_INSTALL)

const LIMIT_MS = 90_000

/** The alert names of label matchers of the generated configuration. */
const namesIn = (matchers: readonly string[]) =>
  matchers.flatMap(matcher => /^alertname=~?"(.*)"$/.exec(matcher)?.[1]?.split('|') ?? [])

/** The rows of the table of inhibitions, from the generated configuration. */
const inhibitions = alertmanagerConfiguration(DRILL, 'http://127.0.0.1').inhibit_rules.flatMap(rule => {
  const targets = namesIn(rule.target_matchers)
  return namesIn(rule.source_matchers).map(source => ({
    row: `${source} inhibits ${targets.join(', ')} of the same ${rule.equal.join(', ') || 'Prometheus'}, and no others`,
    source,
    targets,
    equal: rule.equal,
  }))
})

test.concurrent.each(inhibitions)(
  '$row',
  async ({ source, targets, equal }) => {
    const same = Object.fromEntries(equal.map(label => [label, `a-${label}`]))
    const others = equal.flatMap(changed =>
      targets.map((target): Firing => [target, { ...same, [changed]: `b-${changed}` }]),
    )
    const delivered = [[source, same] as const, ...others].map(([name, labels]) => asText(labelsOf(name, {}, labels)))
    const inhibited = targets.map((target): Firing => [target, { ...same, other: 'label' }])
    expect(await notify([[source, same], ...inhibited, ...others])).toEqual([delivered.sort()])
  },
  LIMIT_MS,
)

const service = { job: NAME }

test.concurrent.each<[string, Firing[], string[][]]>([
  [
    'alerts of one area are one notification, and those of another area another',
    [
      ['HighLatency', service],
      ['HighErrorRatio', service],
      ['EventLoopSaturated', { ...service, instance: 'replica-1' }],
      ['NodeCPUHigh', { instance: 'node-1' }],
    ],
    [[`EventLoopSaturated replica-1 ${NAME}`, `HighErrorRatio ${NAME}`, `HighLatency ${NAME}`], ['NodeCPUHigh node-1']],
  ],
  [
    'an absent service inhibits ServiceUnresponsive of the probe, whose job is another',
    [
      ['ServiceAbsent', service],
      ['ServiceUnresponsive', { job: `${NAME}-probe`, instance: 'http://service' }],
    ],
    [[`ServiceAbsent ${NAME}`]],
  ],
  [
    'an absent service does not inhibit HighLatency of another job',
    [
      ['ServiceAbsent', service],
      ['HighLatency', { job: 'another' }],
    ],
    [['HighLatency another', `ServiceAbsent ${NAME}`]],
  ],
  [
    'a crash loop of one pod does not inhibit the alerts of other pods and workloads in the namespace',
    [
      ['PodCrashLooping', { namespace: 'monitoring', pod: 'grafana-1', container: 'grafana' }],
      ['PodNotReady', { namespace: 'monitoring', pod: 'grafana-1' }],
      ['PodNotReady', { namespace: 'monitoring', pod: 'prometheus-1' }],
      ['ReplicasMissing', { namespace: 'monitoring', deployment: 'prometheus' }],
      ['ReplicasMissing', { namespace: 'monitoring', deployment: 'grafana' }],
    ],
    [
      [
        'PodCrashLooping grafana monitoring grafana-1',
        'PodNotReady monitoring prometheus-1',
        'ReplicasMissing grafana monitoring',
        'ReplicasMissing prometheus monitoring',
      ],
    ],
  ],
  [
    'an almost full filesystem does not inhibit the storage alerts of another device',
    [
      ['NodeStorageAlmostFull', { job: 'node-exporter', instance: 'node-1', device: '/dev/sda1' }],
      ['NodeStorageLow', { job: 'node-exporter', instance: 'node-1', device: '/dev/sdb1' }],
    ],
    [['NodeStorageAlmostFull /dev/sda1 node-1 node-exporter', 'NodeStorageLow /dev/sdb1 node-1 node-exporter']],
  ],
  [
    'a fast burn does not inhibit the slow burn of another objective',
    [
      ['ErrorBudgetBurnFast', { ...service, slo: 'availability' }],
      ['ErrorBudgetBurnSlow', { ...service, slo: 'latency' }],
    ],
    [[`ErrorBudgetBurnFast ${NAME} availability`, `ErrorBudgetBurnSlow ${NAME} latency`]],
  ],
  [
    'a missing target does not inhibit that other targets are down',
    [
      ['TargetMissing', { job: 'kube-state-metrics' }],
      ['TargetDown', { job: 'node-exporter', instance: 'node-1' }],
    ],
    [['TargetDown node-1 node-exporter', 'TargetMissing kube-state-metrics']],
  ],
])('%s', async (_, firing, expected) => expect(await notify(firing)).toEqual(expected), LIMIT_MS)

// The limit that docs/reference/alerts.md and the runbook of ServiceAbsent describe. If this test fails, correct them.
test.concurrent(
  'the receiver is not told that an alert has ended while the alert was inhibited',
  async () => {
    const { post, delivered, known, settle, stop } = await startDelivery()
    const wasDelivered = (alert: string) => delivered().some(alerts => alerts.includes(alert))
    const deliver = (alert: string) => until(60, `${alert} has been delivered`, () => wasDelivered(alert))

    await post([['HighLatency', service]])
    await deliver(`HighLatency ${NAME}`)
    await post([['ServiceAbsent', service]])
    await deliver(`ServiceAbsent ${NAME}`)
    await post([['HighLatency', service]], true)
    await settle()
    await post([['ServiceAbsent', service]], true)
    await deliver(`resolved ServiceAbsent ${NAME}`)
    await settle()

    expect(await known()).toEqual(['Watchdog'])
    expect(wasDelivered(`resolved HighLatency ${NAME}`)).toBeFalse()
    await stop()
  },
  2 * LIMIT_MS,
)
