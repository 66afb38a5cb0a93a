import { statusChanges } from '../drills/alerts/alert-timelines.ts'
import { aligned } from '../drills/report/terminal.ts'
import type { Delivery } from '../k8s/monitoring/receiver.ts'
import type { ActiveAlert } from '../lib/prometheus.ts'

type Labels = Delivery['labels']

const isWatchdog = ({ labels }: { readonly labels: Labels }) => labels.alertname === 'Watchdog'

/** The alerts that are pending or firing, the oldest first. Names Watchdog only when it does not fire. */
export function activeAlertsText(active: readonly ActiveAlert[], now: number): string {
  const rows = active
    .filter(alert => !isWatchdog(alert))
    .map(({ labels, state, activeAt }) => ({ labels, state, at: Date.parse(activeAt) / 1000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ state, labels, at }) => rowOf(state, labels, at, now))
  const lines = [rows.length > 0 ? table(['state', 'active since'], rows) : 'No alert is pending or firing.']
  if (!active.some(isWatchdog)) lines.push('Watchdog does not fire: Prometheus has not evaluated the rules.')
  return lines.join('\n')
}

/** The last changes of alerts that were delivered, the newest last, and when Watchdog was last delivered. */
export function deliveriesText(deliveries: readonly Delivery[], now: number, last: number): string {
  const changes = statusChanges(deliveries.filter(delivery => !isWatchdog(delivery)))
  const rows = changes.slice(-last).map(({ status, labels, at }) => rowOf(status, labels, at, now))
  const lines = [rows.length > 0 ? table(['delivered', 'at'], rows) : 'No alert was delivered.']
  if (changes.length > last)
    lines.push(`The last ${last} of ${changes.length} deliveries; LAST=${changes.length} shows all.`)
  const watchdog = deliveries.findLast(isWatchdog)
  lines.push(watchdog ? `Watchdog was last delivered ${moment(watchdog.at, now)}.` : 'Watchdog was not delivered yet.')
  return lines.join('\n')
}

const table = ([state, time]: readonly [string, string], rows: readonly string[][]) =>
  aligned([[state, 'alert', 'severity', time, 'labels'], ...rows])

function rowOf(state: string, { alertname, severity, area, ...others }: Labels, at: number, now: number): string[] {
  const labels = Object.entries(others).map(([name, value]) => `${name}=${value}`)
  return [state, `${alertname}`, `${severity}`, moment(at, now), labels.join(' ')]
}

/** Date and time in the local time zone, and the age. `time` and `now` are Unix times in seconds. */
function moment(time: number, now: number): string {
  const seconds = Math.max(0, Math.round(now - time))
  const minutes = Math.floor(seconds / 60)
  const age = seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  return `${new Date(time * 1000).toLocaleString('sv-SE')} (${age} ago)`
}
