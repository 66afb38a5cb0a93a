import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import type { Metric } from '../src/telemetry/catalogue.ts'
import type { AlertCases } from './incidents/incidents.ts'
import type { Profile } from './profiles.ts'
import type { Alert, GroupAlert, RecordingRule } from './rule.ts'

/** A group of rules. Prometheus evaluates it in order: an alert reads what the group has recorded in the same evaluation. */
export interface RuleGroup extends Required<Pick<Alert, 'area' | 'dashboard'>> {
  readonly recordingRules?: (profile: Profile) => readonly RecordingRule[]
  readonly alerts: (profile: Profile) => readonly GroupAlert[]
}

/** What one service has in its monitoring beside that of every service. */
export interface OwnMonitoring {
  /** Its own metrics: the service dashboard has a graph of each. Default: none. */
  readonly catalogue?: Readonly<Record<string, Metric>>
  /** By name of the group. */
  readonly groups: Readonly<Record<string, RuleGroup>>
  /** What the unit tests of its alerts play. Default: none. */
  readonly cases?: (profile: Profile) => readonly AlertCases[]
}

const module = SERVICE_CONFIG.monitoring?.module

/** The own monitoring of the service that commands act on. */
export const OWN: OwnMonitoring =
  module === undefined ? { groups: {} } : require(join(import.meta.dir, '..', module)).OWN_MONITORING
