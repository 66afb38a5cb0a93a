// Which notifications a real Alertmanager with the generated configuration sends for alerts that fire.
import { beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProgram, lastLines, startProgram } from '../lib/process.ts'
import { alertmanagerConfiguration } from '../monitoring/alertmanager.ts'
import { DRILL } from '../monitoring/profiles.ts'
import { type Alert, alertingRule } from '../monitoring/rule.ts'
import { alerts } from '../monitoring/rules/rules.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { WITH_INSTALL } from './programs.ts'
import { until } from './until.ts'

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

/** Starts a webhook that keeps the alerts of each notification: the name, and the device of an alert that has one. */
function startWebhook() {
  const notifications: string[][] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { alerts } = (await request.json()) as { alerts: { labels: Record<string, string> }[] }
      notifications.push(alerts.map(({ labels }) => `${labels.alertname}${labels.device ?? ''}`).sort())
      return new Response()
    },
  })
  return { notifications, url: server.url.href, stop: () => server.stop(true) }
}

/** Posts alerts and Watchdog to a new Alertmanager, and returns the notifications for all but Watchdog. */
async function notify(firing: readonly Firing[]): Promise<string[][]> {
  const { notifications, ...webhook } = startWebhook()
  const { address, stop } = await startAlertmanager(alertmanagerConfiguration(DRILL, webhook.url))
  const posted = [...firing, ['Watchdog'] as const].map(([name, labels]) => {
    const { labels: own, annotations } = alertingRule(rules.find(alert => alert.name === name) as Alert)
    return { labels: { alertname: name, ...own, ...labels }, annotations }
  })
  const { status } = await fetch(`http://${address}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(posted),
  })
  expect(status).toBe(200)
  // Watchdog has the same group_wait as the others: after its second notification, all others have been sent.
  const heartbeats = () => notifications.filter(([name]) => name === 'Watchdog').length
  await until(60, 'Watchdog has been notified twice', () => heartbeats() >= 2)
  await stop()
  await webhook.stop()
  return notifications.filter(([name]) => name !== 'Watchdog').sort()
}

beforeAll(() => ensureProgram(PROGRAMS.alertmanager), WITH_INSTALL)

const service = { job: 'tipping-point' }
const [one, two] = [
  { instance: 'node-1', device: '/dev/sda1' },
  { instance: 'node-1', device: '/dev/sdb1' },
]

test.concurrent.each<[string, Firing[], string[][]]>([
  [
    'alerts of one area are one notification, and those of another area another',
    [
      ['HighLatency', service],
      ['HighErrorRatio', service],
      ['EventLoopSaturated', { ...service, instance: 'replica-1' }],
      ['NodeCPUHigh', { instance: 'node-1' }],
    ],
    [['EventLoopSaturated', 'HighErrorRatio', 'HighLatency'], ['NodeCPUHigh']],
  ],
  [
    'an absent service inhibits the alerts on latency, errors, saturation and traffic',
    [
      ['ServiceAbsent', service],
      ['ServiceUnresponsive', { job: 'tipping-point-probe' }],
      ['HighLatency', service],
      ['HighErrorRatio', service],
      ['EventLoopSaturated', service],
      ['NoTraffic', service],
    ],
    [['ServiceAbsent']],
  ],
  [
    'an almost full filesystem inhibits the storage alerts of its own device only',
    [
      ['NodeStorageAlmostFull', one],
      ['NodeStorageLow', one],
      ['NodeStorageFillingUp', one],
      ['NodeStorageLow', two],
    ],
    [['NodeStorageAlmostFull/dev/sda1', 'NodeStorageLow/dev/sdb1']],
  ],
  [
    'a fast burn inhibits the slow burn of its own objective only',
    [
      ['ErrorBudgetBurnFast', { slo: 'availability' }],
      ['ErrorBudgetBurnSlow', { slo: 'availability' }],
      ['ErrorBudgetBurnSlow', { slo: 'latency' }],
    ],
    [['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow']],
  ],
  [
    'a crash loop inhibits the alerts on unready pods of its own namespace only',
    [
      ['PodCrashLooping', { namespace: 'tipping-point', pod: 'a' }],
      ['PodNotReady', { namespace: 'tipping-point', pod: 'a' }],
      ['ReplicasMissing', { namespace: 'tipping-point', deployment: 'a' }],
      ['PodNotReady', { namespace: 'monitoring', pod: 'b' }],
    ],
    [['PodCrashLooping', 'PodNotReady']],
  ],
])('%s', async (_, firing, expected) => expect(await notify(firing)).toEqual(expected), 90_000)
