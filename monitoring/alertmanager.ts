import type { Profile } from './profiles.ts'

/** The configuration of Alertmanager: every alert, at the profile's pace, to one webhook. */
export const alertmanagerConfiguration = ({ grouping }: Profile, webhook: string) => ({
  route: {
    receiver: 'webhook',
    group_by: ['alertname', 'job'],
    group_wait: grouping.wait,
    group_interval: grouping.interval,
    repeat_interval: grouping.repeat,
  },
  receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
})
