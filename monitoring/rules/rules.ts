import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { OWN, type RuleGroup } from '../own-monitoring.ts'
import type { Profile } from '../profiles.ts'
import { type Alert, alertingRule } from '../rule.ts'
import { nodeAlerts, nodeRecordingRules } from './node-rules.ts'
import { pipelineAlerts } from './pipeline-rules.ts'
import { serviceAlerts, serviceRecordingRules } from './service-rules.ts'
import { sloAlerts, sloRecordingRules } from './slo-rules.ts'
import { workloadAlerts } from './workload-rules.ts'

const GROUPS: Readonly<Record<string, RuleGroup>> = {
  service: { area: 'service', dashboard: 'service', recordingRules: serviceRecordingRules, alerts: serviceAlerts },
  slo: { area: 'service', dashboard: 'slo', recordingRules: sloRecordingRules, alerts: sloAlerts },
  node: { area: 'node', dashboard: 'node', recordingRules: nodeRecordingRules, alerts: nodeAlerts },
  workload: { area: 'workload', dashboard: 'service', alerts: workloadAlerts },
  pipeline: { area: 'pipeline', dashboard: 'alerts', alerts: pipelineAlerts },
  ...OWN.groups,
}

/** All groups of rules of a profile, and their alerts. */
export const ruleGroups = (profile: Profile) =>
  Object.entries(GROUPS).map(([name, { area, dashboard, recordingRules, alerts }]) => {
    const complete = alerts(profile).map((alert): Alert => ({ ...alert, area, dashboard }))
    return { name, alerts: complete, rules: [...(recordingRules?.(profile) ?? []), ...complete.map(alertingRule)] }
  })

export const alerts = (profile: Profile) => ruleGroups(profile).flatMap(group => group.alerts)

/** The alert with a name. Throws an Error if there is none. */
export function alertNamed(profile: Profile, name: string): Alert {
  const alert = alerts(profile).find(alert => alert.name === name)
  if (alert === undefined) throw new Error(`There is no alert ${name}. Correct the name.`)
  return alert
}

/** The rule file of a profile, as Prometheus reads it. */
export const ruleFile = (profile: Profile) => ({
  groups: ruleGroups(profile).map(({ name, rules }) => ({
    name: `${SERVICE_CONFIG.name}-${name}`,
    interval: profile.evaluationInterval,
    rules,
  })),
})
