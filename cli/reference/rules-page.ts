import { DRILL, PRODUCTION } from '../../monitoring/profiles.ts'
import { type Alert, DASHBOARDS } from '../../monitoring/rule.ts'
import { alertNamed, ruleGroups } from '../../monitoring/rules/rules.ts'
import { SERVICE_CONFIG } from '../../service.config.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

const promql = (expr: string) => `\`\`\`promql\n${expr}\n\`\`\``

function alertSection(alert: Alert): string {
  const { name, severity, area, summary, expr, dashboard = 'alerts', inhibits = [] } = alert
  const drill = alertNamed(DRILL, name).for
  const fires = alert.for ? `fires after ${alert.for} (drill: ${drill})` : 'fires at the first evaluation'
  const inhibited = inhibits.flatMap(({ alerts }) => alerts)
  return [
    `### ${name}`,
    `${summary} Severity ${inCode(severity)}, area ${inCode(area)}; ${fires}. [Runbook](../../../monitoring/runbooks/${name}.md), ` +
      `[dashboard](../../../helm/generated/dashboards/${DASHBOARDS[dashboard]}.json).` +
      (inhibited.length > 0 ? ` Inhibits ${inhibited.join(', ')}.` : ''),
    promql(expr),
  ].join('\n\n')
}

/** The page of the rules: recording rules and alerts of the profile `production`, by group. */
export function rulesPage(): string {
  const groups = ruleGroups(PRODUCTION).map(({ name, alerts, rules }) => {
    const recorded = rules.flatMap(rule =>
      'record' in rule ? [[inCode(rule.record), Object.values(rule.labels ?? {}).join(), inCode(rule.expr)]] : [],
    )
    const records = recorded.length > 0 ? [markdownTable(['recording rule', 'slo', 'expression'], recorded)] : []
    return [`## Group ${SERVICE_CONFIG.name}-${name}`, ...records, ...alerts.map(alertSection)].join('\n\n')
  })
  return markdownPage(
    'Rules',
    'The rules of the profile `production`, from [`monitoring/rules/`](../../../monitoring/rules). The profile `drill` has the same ' +
      'rules, with ' +
      `windows of ${DRILL.window} instead of ${PRODUCTION.window} and the times in brackets. [alerts.md](../alerts.md) says in words ` +
      'when each alert fires.',
    groups,
  )
}
