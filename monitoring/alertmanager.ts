import type { Profile } from './profiles.ts'
import type { Alert } from './rule.ts'
import { alerts } from './rules/index.ts'

const named = (names: readonly string[]) => `alertname=~"${names.join('|')}"`

/** What is not told while an alert fires that says it all. */
const inhibitRule = ({ name, inhibits }: Alert) =>
  inhibits
    ? [{ source_matchers: [`alertname="${name}"`], target_matchers: [named(inhibits.alerts)], equal: inhibits.equal }]
    : []

/**
 * The configuration of Alertmanager: every alert, at the profile's pace, to one webhook. One incident is one notification:
 * the alerts of an area are told together, and not those that another one inhibits. Watchdog goes its own way, often.
 */
export const alertmanagerConfiguration = (profile: Profile, webhook: string) => {
  const { wait, interval, repeat, heartbeat } = profile.grouping
  return {
    route: {
      receiver: 'webhook',
      group_by: ['area'],
      group_wait: wait,
      group_interval: interval,
      repeat_interval: repeat,
      routes: [{ matchers: [`alertname="Watchdog"`], group_by: ['alertname'], repeat_interval: heartbeat }],
    },
    inhibit_rules: alerts(profile).flatMap(inhibitRule),
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
  }
}
