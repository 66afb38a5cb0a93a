import { first } from '../alerts/alert-timelines.ts'
import { DEMANDS } from '../overload/bounds.ts'
import { efficiencyOf } from '../overload/checks.ts'
import type { AlertState, AlertTimeline, OverloadResult, Phase } from '../overload/overload-result.ts'
import { capacityChart, detectionChart, timeline } from './charts.ts'
import { figure, list, percent, rate, replicasOf, time } from './figures.ts'
import {
  type Cell,
  type Column,
  checksSection,
  pairsOf,
  type Report,
  runbookColumn,
  type Section,
  tableOf,
} from './report-model.ts'

/** The report of the overload drill: verdict, failed checks, charts, capacity and latency; details are folded. */
export const overloadReport = (result: OverloadResult): Report => ({
  title: `Drill ${result.drill}: ${result.verdict}`,
  origin: `drill ${result.drill} · ${result.platform}`,
  startedAt: result.startedAt,
  verdict: result.verdict,
  line: verdictLine(result),
  advice: advice(result),
  figures: keyFigures(result),
  sections: [
    ...notPassed(result),
    {
      title: 'Timeline',
      note: 'All charts share one time axis, in seconds. Shaded: k6 offers load. Dashed line: the service is scaled. Rates are averages over three scrapes.',
      charts: timeline(result),
    },
    capacity(result),
    overloadingRate(result),
    latency(result),
    ...[
      checksSection(result.checks, result.verdict),
      detection(result),
      alertStates(result),
      machineAndSettings(result),
      sources(result),
    ].map(section => ({ ...section, folded: true })),
  ],
  alerts: result.alerts.map(({ name }) => name),
  data: result,
})

function verdictLine({ verdict, failure, checks }: OverloadResult): string {
  if (verdict === 'inconclusive') return 'Inconclusive: the machine had no CPU left'
  if (verdict === 'passed') return `Passed: all ${checks.length} checks`
  if (failure !== undefined) return `Failed: the drill stopped early: ${failure}`
  return `Failed: ${checks.filter(({ ok }) => !ok).length} of ${checks.length} checks`
}

/** Evidence that the machine had no CPU left, and what to do; empty unless the verdict is inconclusive. */
function advice({ verdict, starved, failure }: OverloadResult): string[] {
  if (verdict !== 'inconclusive') return []
  const stopped = failure === undefined ? [] : [`The drill stopped early: ${failure}`]
  const sentences = [...starved, ...stopped, 'Run the drill again when the machine is less busy (exit code 75)']
  return sentences.map(sentence => (sentence.endsWith('.') ? sentence : `${sentence}.`))
}

const phaseOf = ({ phases }: OverloadResult, name: Phase['name']) => phases.find(phase => phase.name === name)

/** The main figures: capacity; overload and alerts; the same rate after scaling. */
function keyFigures(result: OverloadResult): string[] {
  const [one] = result.capacities
  const [overload, scaled] = [phaseOf(result, 'overload'), phaseOf(result, 'scaled')]
  const offered = result.tipping?.rate ?? overload?.load.rate
  const figures: string[] = []
  if (one) {
    const carries = one.replicas === 1 ? 'One replica carries' : `${one.replicas} replicas carry`
    figures.push(`${carries} ${rate(one.rate)} requests/s.`)
  }
  if (offered !== undefined) {
    const seen = result.tipping ? 'it tipped' : `its p95 was ${time(overload?.load.latency.p95)}`
    figures.push(`At ${rate(offered)} requests/s ${[seen, ...deliveries(result)].join('; ')}.`)
  }
  if (scaled) {
    const { held, latency, failedRatio } = scaled.load
    const carries = `${held ? 'carry' : 'do not carry'}${scaled.load.rate === offered ? ' the same' : ''}`
    const outcome = `p95 ${time(latency.p95)}, ${percent(failedRatio)} failed`
    figures.push(`${replicasOf(scaled.replicas)} ${carries} ${rate(scaled.load.rate)} requests/s: ${outcome}.`)
  }
  return figures
}

/** Which of the expected alerts were delivered, and how soon. */
function deliveries({ alerts }: OverloadResult): string[] {
  const expected = alerts.filter(alert => alert.expected)
  const delivered = expected.filter(({ detection }) => detection)
  const missing = expected.filter(({ detection }) => !detection)
  const last = Math.max(...delivered.map(({ detection }) => detection?.total ?? 0))
  const named = (alerts: readonly AlertTimeline[]) =>
    `${list(alerts.map(({ name }) => name))} ${alerts.length > 1 ? 'were' : 'was'}`
  return [
    ...(delivered.length > 0 ? [`${named(delivered)} delivered within ${time(last)}`] : []),
    ...(missing.length > 0 ? [`${named(missing)} not delivered`] : []),
  ]
}

/** The checks that did not pass; no section when all passed. */
function notPassed({ checks, verdict }: OverloadResult): Section[] {
  const open = checks.filter(({ ok }) => !ok)
  if (open.length === 0) return []
  const isUnjudged = verdict === 'inconclusive'
  const unjudged = open.every(({ needsCPU }) => needsCPU)
    ? 'What could not be judged'
    : 'What failed or could not be judged'
  return [{ ...checksSection(open, verdict), title: isUnjudged ? unjudged : 'What failed' }]
}

/** Capacity by number of replicas, and how it was measured. */
function capacity(result: OverloadResult): Section {
  const { capacities, machine } = result
  const one = capacities.find(({ replicas }) => replicas === 1)
  return {
    title: 'Capacity',
    note:
      'Capacity is the maximum throughput. A fixed number of clients each send the next request as soon as they have the ' +
      'answer. k6 repeats the run until the rate no longer rises; the best run counts. ' +
      `Scaling efficiency is capacity(N) / (N × capacity(1)). CPU limit of each replica: ${machine.cpuLimit}.`,
    charts: capacityChart(result),
    ...tableOf(capacities, [
      { title: 'replicas', cell: ({ replicas }) => `${replicas}` },
      { title: 'capacity', cell: ({ rate: most }) => `${rate(most)}/s` },
      { title: 'scaling efficiency', cell: many => (one ? percent(efficiencyOf(one, many)) : 'not measured') },
      { title: 'clients', cell: ({ clients }) => `${clients}` },
      { title: 'p95', cell: ({ runs, rate: most }) => time(runs.find(run => run.rate === most)?.latency.p95) },
      { title: 'runs', cell: ({ runs }) => `${runs.map(run => rate(run.rate)).join(', ')}/s` },
    ]),
  }
}

/** The offered rates, up to the first one that overloaded the service. */
function overloadingRate({ tipping }: OverloadResult): Section {
  const seen =
    tipping?.after === undefined
      ? 'overloaded; no client gave up'
      : `overloaded: clients gave up requests after ${time(tipping.after)}`
  const carried = tipping?.carried.map(offered => ({ offered, outcome: 'carried' })) ?? []
  return {
    title: 'Overload',
    note: 'Rates that k6 offered to the service before scaling, in this order.',
    ...tableOf(tipping ? [...carried, { offered: tipping.rate, outcome: seen }] : [], [
      { title: 'offered', cell: ({ offered }) => `${rate(offered)}/s` },
      { title: 'outcome', cell: ({ outcome }) => outcome },
    ]),
  }
}

/** Latency of each phase, as clients and as the service measured it. */
const latency = ({ phases }: OverloadResult): Section => ({
  title: 'Latency',
  note:
    `Clients: measured by k6; a request that a client gave up counts as ${time(DEMANDS.requestTimeout)}. ` +
    "Service: the service's histogram, which includes the time in the queue. Not sent: requests that k6 could not send.",
  ...tableOf(phases, [
    { title: 'phase', cell: ({ name, load }) => `${name}, ${rate(load.rate)}/s` },
    { title: 'failed', cell: ({ load }) => percent(load.failedRatio) },
    { title: 'clients p50', cell: ({ load }) => time(load.latency.p50) },
    { title: 'p95', cell: ({ load }) => time(load.latency.p95) },
    { title: 'p99', cell: ({ load }) => time(load.latency.p99) },
    { title: 'service p50', cell: ({ own }) => time(own?.p50.value) },
    { title: 'p95', cell: ({ own }) => time(own?.p95.value) },
    { title: 'p99', cell: ({ own }) => time(own?.p99.value) },
    { title: 'not sent', cell: ({ load }) => `${load.dropped}` },
  ]),
})

/** The parts of the time from the start of the overload to the delivery of each alert. */
function detection(result: OverloadResult): Section {
  const detected = result.alerts.flatMap(({ name, detection }) => (detection ? [{ name, ...detection }] : []))
  const secondsOf = (parts: (typeof detected)[number]['parts'], name: string) =>
    parts.find(part => part.name === name)?.seconds
  const names = detected[0]?.parts.map(({ name }) => name) ?? []
  return {
    title: 'Detection time by part',
    note:
      'From the start of the overload to the delivery of the alert at its receiver. The total is measured by the clock of ' +
      'the drill; the parts by the clocks of k6, Prometheus and the receiver.',
    charts: detectionChart(result),
    ...tableOf(detected, [
      { title: 'alert', cell: ({ name }) => name },
      ...names.map(title => ({ title, cell: ({ parts }: (typeof detected)[number]) => time(secondsOf(parts, title)) })),
      { title: 'sum', cell: ({ parts }) => time(parts.reduce((sum, { seconds }) => sum + seconds, 0)) },
      { title: 'total', cell: ({ total }) => time(total) },
    ]),
  }
}

/** The times at which each alert changed its state. */
function alertStates(result: OverloadResult): Section {
  const since = (phaseOf(result, 'overload') ?? result.phases[0])?.begin ?? 0
  const state = (title: AlertState): Column<AlertTimeline> => ({
    title,
    cell(alert) {
      const at = first(alert, title)
      return at === undefined ? 'never' : `${figure(at - since)} s`
    },
  })
  return {
    title: 'Alerts that were active',
    note:
      'Seconds since the start of the overload. Recovery: from the end of the overload to the delivery of "resolved". The ' +
      'drill demands the alerts with "yes". Other alerts do not count: on a busy machine they may fire rightly.',
    ...tableOf(result.alerts, [
      { title: 'alert', cell: ({ name }) => name },
      { title: 'severity', cell: ({ severity }) => severity },
      { title: 'demanded', cell: ({ expected }) => (expected ? 'yes' : 'no') },
      ...(['pending', 'firing', 'delivered', 'cleared', 'resolved'] as const).map(state),
      {
        title: 'recovery',
        cell: ({ recovery, expected }) => (recovery === undefined && expected ? 'never' : time(recovery)),
      },
      runbookColumn(({ name }) => name),
    ]),
  }
}

/** The machine, the programs and the settings of the drill. */
function machineAndSettings({ machine, settings, platform, drill }: OverloadResult): Section {
  const { before, after } = settings.replicas
  return {
    title: 'Machine and settings',
    ...pairsOf({
      drill: `${drill} on ${platform}`,
      processor: `${machine.cpu}, ${machine.cores} cores`,
      memory: `${figure(machine.memoryBytes / 2 ** 30)} GiB`,
      system: machine.system,
      'CPU limit of a replica': machine.cpuLimit,
      programs: list(Object.entries(machine.programs).map(([name, version]) => `${name} ${version}`)),
      replicas: `${before}, then ${after}${settings.autoscaled ? ' at most; the platform scales' : ''}`,
      overload: `${figure(settings.overloadFactor)} × capacity of one replica`,
      load: `seed ${settings.seed}; clients give up a request after ${time(DEMANDS.requestTimeout)}`,
      'scrape interval': time(settings.scrapeInterval),
    }),
  }
}

/** The PromQL query or the k6 summary of each figure. */
function sources({ series, phases, alerts, capacities }: OverloadResult): Section {
  const values: Record<string, Cell> = {}
  const link = (summary: string) => ({ link: summary, text: summary })
  for (const { replicas, runs } of capacities)
    for (const [i, { summary }] of runs.entries())
      values[`Capacity of ${replicasOf(replicas)}, run ${i + 1}`] = link(summary)
  for (const { title, load } of phases) values[`Clients' figures, ${title}`] = link(load.summary)
  for (const { title, own } of phases)
    for (const [key, { query }] of Object.entries(own ?? {})) values[`Service ${key}, ${title}`] = { code: query }
  for (const { title, query } of series) values[`Chart: ${title}`] = { code: query }
  for (const { name, query } of alerts) values[`States of ${name}`] = { code: query }
  return { title: 'Sources of the figures', ...pairsOf(values) }
}
