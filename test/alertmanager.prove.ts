// What arrives of the alerts that fire: a real Alertmanager with the generated configuration, and a webhook that keeps each
// notification as it comes.
import { beforeAll, expect, test } from 'bun:test'
import { alertmanagerConfiguration } from '../monitoring/alertmanager.ts'
import { PROFILES } from '../monitoring/profiles.ts'
import { type Alert, alertingRule } from '../monitoring/rule.ts'
import { alerts } from '../monitoring/rules/index.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { startAlertmanager } from './alertmanager.ts'
import { WITH_INSTALL } from './programs.ts'

/** An alert by its name, and the labels that its expression gives it. */
type Firing = readonly [name: string, labels?: Readonly<Record<string, string>>]

const profile = PROFILES.find(({ name }) => name === 'drill') as (typeof PROFILES)[number]
const rules = alerts(profile)

/** A webhook that keeps the names of the alerts of each notification, and the device where one has it. */
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

/** Fires alerts at a fresh Alertmanager all at once; the notifications that it sends until each was told or is not to be. */
async function told(...firing: Firing[]): Promise<string[][]> {
  const { notifications, ...webhook } = startWebhook()
  const { address, stop } = await startAlertmanager(alertmanagerConfiguration(profile, webhook.url))
  const posted = firing.map(([name, labels]) => {
    const { labels: own, annotations } = alertingRule(rules.find(alert => alert.name === name) as Alert)
    return { labels: { alertname: name, ...own, ...labels }, annotations }
  })
  // Watchdog waits as long as the others do: when it has arrived twice, so have they
  const [watchdog] = posted.slice(-1)
  expect(watchdog?.labels.alertname).toBe('Watchdog')
  const { status } = await fetch(`http://${address}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(posted),
  })
  expect(status).toBe(200)
  const heartbeats = () => notifications.filter(([name]) => name === 'Watchdog').length
  for (const end = Date.now() + 60_000; heartbeats() < 2 && Date.now() < end; ) await Bun.sleep(100)
  await stop()
  await webhook.stop()
  expect(heartbeats()).toBeGreaterThanOrEqual(2)
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
    'one incident is one notification, and another area another',
    [
      ['HighLatency', service],
      ['HighErrorRatio', service],
      ['EventLoopSaturated', { ...service, instance: 'replica-1' }],
      ['NodeCPUHigh', { instance: 'node-1' }],
    ],
    [['EventLoopSaturated', 'HighErrorRatio', 'HighLatency'], ['NodeCPUHigh']],
  ],
  [
    'a dead service does not also page for what is late or fails',
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
    'a full filesystem silences what it led to, on its own device only',
    [
      ['NodeStorageAlmostFull', one],
      ['NodeStorageLow', one],
      ['NodeStorageFillingUp', one],
      ['NodeStorageLow', two],
    ],
    [['NodeStorageAlmostFull/dev/sda1', 'NodeStorageLow/dev/sdb1']],
  ],
  [
    'a fast burn silences the slow one of its objective only',
    [
      ['ErrorBudgetBurnFast', { slo: 'availability' }],
      ['ErrorBudgetBurnSlow', { slo: 'availability' }],
      ['ErrorBudgetBurnSlow', { slo: 'latency' }],
    ],
    [['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow']],
  ],
  [
    'a crash loop silences that its pod is not ready, in its namespace only',
    [
      ['PodCrashLooping', { namespace: 'tipping-point', pod: 'a' }],
      ['PodNotReady', { namespace: 'tipping-point', pod: 'a' }],
      ['ReplicasMissing', { namespace: 'tipping-point', deployment: 'a' }],
      ['PodNotReady', { namespace: 'monitoring', pod: 'b' }],
    ],
    [['PodCrashLooping', 'PodNotReady']],
  ],
])(
  '%s',
  async (_, firing, expected) => {
    expect(await told(...firing, ['Watchdog'])).toEqual(expected)
  },
  90_000,
)
