import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { alertsDashboard } from './alerts.ts'
import { loadDashboard } from './load.ts'
import { nodeDashboard } from './node.ts'
import { overview } from './overview.ts'
import { serviceDashboard } from './service.ts'
import { sloDashboard } from './slo.ts'

/**
 * Every dashboard by the name of its file, in Grafana's Classic JSON: the only format that Grafana 13 takes from files.
 * Its text is `JSON.stringify` of it; never save it from Grafana's own pages, which write another format.
 */
export const dashboards: ReadonlyMap<string, Dashboard> = new Map([
  ['overview', overview()],
  ['service', serviceDashboard()],
  ['slo', sloDashboard()],
  ['node', nodeDashboard()],
  ['load', loadDashboard()],
  ['alerts', alertsDashboard()],
])
