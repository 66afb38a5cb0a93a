import type { Profile } from '../profiles.ts'
import { type Alert, alertingRule, type RecordingRule } from '../rule.ts'
import { nodeAlerts, nodeRecordingRules } from './node.ts'
import { pipelineAlerts } from './pipeline.ts'
import { serviceAlerts, serviceRecordingRules } from './service.ts'
import { sloAlerts, sloRecordingRules } from './slo.ts'
import { workloadAlerts } from './workload.ts'

interface Group {
  readonly name: string
  readonly recordingRules: readonly RecordingRule[]
  readonly alerts: readonly Alert[]
}

/** All rules of a profile. A group is evaluated in order: what is recorded is there for the alerts of the same moment. */
const ruleGroups = (profile: Profile): Group[] => [
  { name: 'service', recordingRules: serviceRecordingRules(profile), alerts: serviceAlerts(profile) },
  { name: 'slo', recordingRules: sloRecordingRules(), alerts: sloAlerts() },
  { name: 'node', recordingRules: nodeRecordingRules(profile), alerts: nodeAlerts(profile) },
  { name: 'workload', recordingRules: [], alerts: workloadAlerts(profile) },
  { name: 'pipeline', recordingRules: [], alerts: pipelineAlerts(profile) },
]

/** Every alert of a profile. */
export const alerts = (profile: Profile): Alert[] => ruleGroups(profile).flatMap(group => group.alerts)

/** The rule file of a profile, as Prometheus reads it. */
export const ruleFile = (profile: Profile) => ({
  groups: ruleGroups(profile).map(({ name, recordingRules, alerts }) => ({
    name: `tipping-point-${name}`,
    interval: profile.evaluationInterval,
    rules: [...recordingRules, ...alerts.map(alertingRule)],
  })),
})
