import type { Profile } from './profiles.ts'
import { alerts } from './rules/rules.ts'

/**
 * Alertmanager's configuration: all alerts go to one webhook, one notification for each area, without inhibited alerts.
 * Watchdog has a notification and an interval of its own.
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
    inhibit_rules: alerts(profile).flatMap(({ name, inhibits = [] }) =>
      inhibits.map(({ alerts, equal }) => ({
        source_matchers: [`alertname="${name}"`],
        target_matchers: [`alertname=~"${alerts.join('|')}"`],
        equal,
      })),
    ),
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
  }
}
