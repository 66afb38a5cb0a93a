import { first } from '../alerts/alert-timelines.ts'
import type { AlertTimeline, Check, LoadResult, OverloadResult, Phase, Verdict } from '../overload/overload-result.ts'
import { type Cell, figure, list, percent, type Row, rate, type Table, time } from './table-model.ts'

/** The mark of a verdict, for places that show no colour. */
export const MARKS = { passed: '✓', failed: '✗', inconclusive: '?' } as const satisfies Record<Verdict, string>

/** The verdict in one line. */
export function verdictLine({ verdict, failure, checks }: OverloadResult): string {
  if (verdict === 'inconclusive') return 'Inconclusive: the machine had no CPU left'
  if (verdict === 'passed') return `Passed: all ${checks.length} checks`
  if (failure !== undefined) return `Failed: the drill stopped early: ${failure}`
  return `Failed: ${checks.filter(({ ok }) => !ok).length} of ${checks.length} checks`
}

/** Evidence that the machine had no CPU left, and what to do, one sentence each; empty unless the verdict is inconclusive. */
export function advice({ verdict, starved, failure }: OverloadResult): string[] {
  if (verdict !== 'inconclusive') return []
  const stopped = failure === undefined ? [] : [`The drill stopped early: ${failure}`]
  return [...starved, ...stopped, 'Run the drill again when the machine is less busy (exit code 75).'].map(withFullStop)
}

/** Adds a full stop if there is none. */
const withFullStop = (sentence: string) => (sentence.endsWith('.') ? sentence : `${sentence}.`)

const phaseOf = ({ phases }: OverloadResult, name: Phase['name']) => phases.find(phase => phase.name === name)

const replicasOf = (count: number) => `${count} replica${count === 1 ? '' : 's'}`

/** The main figures, one sentence each: capacity; overload and alerts; the same rate after scaling. */
export function keyFigures(result: OverloadResult): string[] {
  const [one] = result.capacities
  const [overload, scaled] = [phaseOf(result, 'overload'), phaseOf(result, 'scaled')]
  const offered = result.tipping?.rate ?? overload?.load.rate
  const seen = result.tipping ? 'it tipped' : `its p95 was ${time(overload?.load.latency.p95)}`
  return [
    ...(one
      ? [
          `${one.replicas === 1 ? 'One replica carries' : `${one.replicas} replicas carry`} ${rate(one.rate)} requests/s.`,
        ]
      : []),
    ...(offered === undefined ? [] : [`At ${rate(offered)} requests/s ${[seen, ...deliveries(result)].join('; ')}.`]),
    ...(scaled
      ? [
          `${replicasOf(scaled.replicas)} ${scaled.load.held ? 'carry' : 'do not carry'} ` +
            `${scaled.load.rate === offered ? 'the same ' : ''}${rate(scaled.load.rate)} requests/s: ` +
            `p95 ${time(scaled.load.latency.p95)}, ${percent(scaled.load.failedRatio)} failed.`,
        ]
      : []),
  ]
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

/** The state of a check in a drill with this verdict. */
export function stateOf({ ok, needsCPU }: Check, verdict: Verdict): Verdict {
  if (ok) return 'passed'
  return verdict === 'inconclusive' && needsCPU ? 'inconclusive' : 'failed'
}

/** What each check demands and what the drill measured. Checks that did not pass come first. */
export function checksTable(checks: readonly Check[], verdict: Verdict): Table {
  const row = (check: Check): Row => {
    const state = stateOf(check, verdict)
    const mark = state === 'passed' ? MARKS.passed : `${MARKS[state]} ${state}`
    return { cells: [mark, check.name, check.expected, check.seen], ...(state !== 'passed' && { state }) }
  }
  const counts = (['passed', 'failed', 'inconclusive'] as const).flatMap(state => {
    const count = checks.filter(check => stateOf(check, verdict) === state).length
    if (count === 0) return []
    return [count === checks.length ? `all ${state}` : `${count} ${state}`]
  })
  return {
    title: [`${checks.length} checks`, ...counts].join(', '),
    columns: ['', 'check', 'demanded', 'measured'],
    rows: [...checks].sort((a, b) => Number(a.ok) - Number(b.ok)).map(row),
  }
}

/** The checks that did not pass; without rows when all passed. */
export function notPassed({ checks, verdict }: OverloadResult): Table {
  const open = checks.filter(({ ok }) => !ok)
  const titles = {
    passed: '',
    failed: 'What failed',
    inconclusive: open.every(({ needsCPU }) => needsCPU)
      ? 'What could not be judged'
      : 'What failed or could not be judged',
  }
  return { ...checksTable(open, verdict), title: titles[verdict] }
}

/** Capacity by number of replicas, and how it was measured. */
export function capacity({ capacities, machine }: OverloadResult): Table {
  const one = capacities.find(({ replicas }) => replicas === 1)
  return {
    title: 'Capacity',
    note:
      'Capacity is the maximum throughput. A fixed number of clients each send the next request as soon as they have the ' +
      'answer. k6 repeats the run until the rate no longer rises; the best run counts. ' +
      `Scaling efficiency is capacity(N) / (N × capacity(1)). CPU limit of each replica: ${machine.cpuLimit}.`,
    columns: ['replicas', 'capacity', 'scaling efficiency', 'clients', 'p95', 'runs'],
    rows: capacities.map(({ replicas, rate: most, clients, runs }) => {
      const best = runs.find(run => run.rate === most)
      return {
        cells: [
          `${replicas}`,
          `${rate(most)}/s`,
          one === undefined ? 'not measured' : percent(most / (replicas * one.rate)),
          `${clients}`,
          time(best?.latency.p95),
          `${runs.map(run => rate(run.rate)).join(', ')}/s`,
        ],
      }
    }),
  }
}

/** The offered rates, up to the first one that overloaded the service. */
export function tippingPoint({ tipping }: OverloadResult): Table {
  const carried = tipping?.carried.map(each => ({ cells: [`${rate(each)}/s`, 'carried'] })) ?? []
  const seen =
    tipping?.after === undefined
      ? 'overloaded; no client gave up'
      : `overloaded: clients gave up requests after ${time(tipping.after)}`
  return {
    title: 'Tipping point',
    note: 'Rates that k6 offered to the service before scaling, in this order.',
    columns: ['offered', 'outcome'],
    rows: tipping ? [...carried, { cells: [`${rate(tipping.rate)}/s`, seen] }] : [],
  }
}

/** Latency of each phase, as clients and as the service measured it. */
export function latency({ phases, settings }: OverloadResult): Table {
  return {
    title: 'Latency',
    note:
      `Clients: measured by k6; a request that a client gave up counts as ${time(settings.requestTimeout)}. ` +
      "Service: the service's histogram, which includes the time in the queue. Not sent: requests that k6 could not send.",
    columns: ['phase', 'failed', 'clients p50', 'p95', 'p99', 'service p50', 'p95', 'p99', 'not sent'],
    rows: phases.map(({ name, load, own }) => ({
      cells: [
        `${name}, ${rate(load.rate)}/s`,
        percent(load.failedRatio),
        time(load.latency.p50),
        time(load.latency.p95),
        time(load.latency.p99),
        time(own.p50.value),
        time(own.p95.value),
        time(own.p99.value),
        `${load.dropped}`,
      ],
    })),
  }
}

/** The parts of the time from the begin of the overload to the delivery of each alert. */
export function detection({ alerts }: OverloadResult): Table {
  const detected = alerts.flatMap(({ name, detection }) => (detection ? [{ name, ...detection }] : []))
  const names = detected[0]?.parts.map(({ name }) => name) ?? []
  return {
    title: 'Detection time by part',
    note:
      'From the begin of the overload to the delivery of the alert at its receiver. The total is measured by the clock of ' +
      'the drill; the parts by the clocks of k6, Prometheus and the receiver.',
    columns: ['alert', ...names, 'sum', 'total'],
    rows: detected.map(({ name, parts, total }) => ({
      cells: [
        name,
        ...parts.map(({ seconds }) => time(seconds)),
        time(parts.reduce((sum, { seconds }) => sum + seconds, 0)),
        time(total),
      ],
    })),
  }
}

/** A cell that links to the copy of an alert's runbook beside the report. */
export const runbookCell = (alert: string): Cell => ({ link: `runbooks/${alert}.md`, text: `${alert}.md` })

/** The times at which each alert changed its state. */
export function alertStates(result: OverloadResult): Table {
  const since = (phaseOf(result, 'overload') ?? result.phases[0])?.begin ?? 0
  const at = (alert: AlertTimeline, state: Parameters<typeof first>[1]) => {
    const seen = first(alert, state)
    return seen === undefined ? 'never' : `${figure(seen - since)} s`
  }
  return {
    title: 'Alerts that were active',
    note:
      'Seconds since the begin of the overload. Recovery: from the end of the overload to the delivery of "resolved". The ' +
      'drill demands the alerts with "yes". Other alerts do not count: on a busy machine they may fire rightly.',
    columns: 'alert severity demanded pending firing delivered cleared resolved recovery runbook'.split(' '),
    rows: result.alerts.map(alert => ({
      cells: [
        alert.name,
        alert.severity,
        alert.expected ? 'yes' : 'no',
        ...(['pending', 'firing', 'delivered', 'cleared', 'resolved'] as const).map(state => at(alert, state)),
        recovery(alert),
        runbookCell(alert.name),
      ],
    })),
  }
}

function recovery({ expected, recovery }: AlertTimeline): string {
  if (recovery !== undefined) return time(recovery)
  return expected ? 'never' : 'not measured'
}

/** The machine, the programs and the settings of the drill. */
export function machine({ machine, settings, platform, drill }: OverloadResult): Table {
  const { before, after } = settings.replicas
  const rows = {
    drill: `${drill} on ${platform}`,
    processor: `${machine.cpu}, ${machine.cores} cores`,
    memory: `${figure(machine.memoryBytes / 2 ** 30)} GiB`,
    system: machine.system,
    'CPU limit of a replica': machine.cpuLimit,
    programs: list(Object.entries(machine.programs).map(([name, version]) => `${name} ${version}`)),
    replicas: `${before}, then ${after}${settings.autoscaled ? ' at most; the platform scales' : ''}`,
    overload: `${figure(settings.overloadFactor)} × capacity of one replica`,
    load: `seed ${settings.seed}; clients give up a request after ${time(settings.requestTimeout)}`,
    'scrape interval': time(settings.scrapeInterval),
  }
  return { title: 'Machine and settings', columns: ['', ''], rows: Object.entries(rows).map(cells => ({ cells })) }
}

/** The PromQL query or the k6 summary of each figure. */
export function sources({ series, phases, alerts, capacities }: OverloadResult): Table {
  const summary = (figures: string, load: LoadResult): Row => ({
    cells: [figures, { link: load.summary, text: load.summary }],
  })
  const query = (figures: string, code: string): Row => ({ cells: [figures, { code }] })
  return {
    title: 'Sources of the figures',
    columns: ['', ''],
    rows: [
      ...capacities.flatMap(({ replicas, runs }) =>
        runs.map((run, i) => summary(`Capacity of ${replicasOf(replicas)}, run ${i + 1}`, run)),
      ),
      ...phases.map(({ title, load }) => summary(`Clients' figures, ${title}`, load)),
      ...phases.flatMap(({ title, own }) =>
        Object.entries(own).map(([key, figure]) => query(`Service ${key}, ${title}`, figure.query)),
      ),
      ...series.map(({ title, query: code }) => query(`Chart: ${title}`, code)),
      ...alerts.map(({ name, query: code }) => query(`States of ${name}`, code)),
    ],
  }
}
