import { first } from '../alerts.ts'
import type { AlertLife, Phase, Story } from '../story.ts'
import { figure, percent, type Table, time } from './text.ts'

/** The story in one or two sentences, with its figures. */
export function headline(story: Story): string {
  if (story.failure !== undefined) return `The drill broke off: ${story.failure}`
  const [one] = story.capacities
  const many = story.capacities.length > 1 ? story.capacities.at(-1) : undefined
  const phase = (name: Phase['name']) => story.phases.find(phase => phase.name === name)
  const [overload, scaled] = [phase('overload'), phase('scaled')]
  const delivered = story.alerts.filter(({ expected }) => expected).flatMap(life => life.detection?.total ?? [])
  return [
    one && `One replica carries ${one.rate} requests/s.`,
    overload &&
      `Offered ${overload.load.rate}, it tips: p95 ${time(overload.load.latency.p95)}` +
        (delivered.length > 0 ? `, and its alerts arrive within ${time(Math.max(...delivered))}.` : '.'),
    scaled &&
      `${scaled.replicas} replicas carry the same load at p95 ${time(scaled.load.latency.p95)}` +
        (many ? ` (and ${many.rate} requests/s at most).` : '.'),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Whether all that the drill demands was seen. */
export const passed = ({ checks, failure }: Story) => failure === undefined && checks.every(({ ok }) => ok)

/** What was demanded and what was seen, what failed first. */
export function verdict({ checks }: Story): Table {
  const failedFirst = [...checks].sort((a, b) => Number(a.ok) - Number(b.ok))
  return {
    title: 'Verdict',
    columns: ['', 'what', 'demanded', 'seen'],
    rows: failedFirst.map(({ name, expected, seen, ok }) => [ok ? '✓' : '✗ failed', name, expected, seen]),
  }
}

function capacity({ capacities, settings }: Story): Table {
  const [one] = capacities
  return {
    title: 'Capacity',
    note: `The highest rate that was held with the 95th percentile under ${time(settings.latencyBound)}, less than ${percent(settings.failedRatioBound)} failed and nothing dropped, measured before the story begins.`,
    columns: ['replicas', 'rate offered', 'for', 'p95', 'failed', 'dropped', '', 'of so many times one'],
    rows: capacities.flatMap(({ replicas, rate: most, runs }) =>
      runs.map(({ rate, begin, end, latency, failedRatio, dropped, held }) => [
        `${replicas}`,
        `${rate}/s`,
        time(Math.round(end - begin)),
        time(latency.p95),
        percent(failedRatio),
        `${dropped}`,
        held ? '✓ held' : '✗ not held',
        held && rate === most && one !== undefined ? percent(most / (replicas * one.rate)) : '',
      ]),
    ),
  }
}

function latency({ phases }: Story): Table {
  return {
    title: 'Latency before, during and after',
    note: "The client's is k6's, with a request that it gave up counted at its timeout; own is the service's histogram, queueing included.",
    columns: ['phase', 'client p50', 'p95', 'p99', 'own p50', 'p95', 'p99', 'failed', 'dropped'],
    rows: phases.map(({ title, load, own }) => [
      title,
      time(load.latency.p50),
      time(load.latency.p95),
      time(load.latency.p99),
      time(own.p50.value),
      time(own.p95.value),
      time(own.p99.value),
      percent(load.failedRatio),
      `${load.dropped}`,
    ]),
  }
}

function detection({ alerts }: Story): Table {
  const detected = alerts.flatMap(({ name, detection }) => (detection ? [{ name, ...detection }] : []))
  const names = detected[0]?.parts.map(({ name }) => name) ?? []
  return {
    title: 'Detection, part by part',
    note: 'From the begin of the overload to the alert at its receiver. The whole is by the clock of the drill, which starts with k6; the parts are by the clocks of k6, Prometheus and the receiver.',
    columns: ['alert', ...names, 'sum', 'whole'],
    rows: detected.map(({ name, parts, total }) => [
      name,
      ...parts.map(({ seconds }) => time(seconds)),
      time(parts.reduce((sum, { seconds }) => sum + seconds, 0)),
      time(total),
    ]),
  }
}

function lives({ alerts, phases }: Story): Table {
  const overload = phases.find(({ name }) => name === 'overload')
  const since = overload?.begin ?? phases[0]?.begin ?? 0
  const at = (life: AlertLife, state: Parameters<typeof first>[1]) => {
    const seen = first(life, state)
    return seen === undefined ? 'never' : `${figure(seen - since)} s`
  }
  return {
    title: 'Every alert that was active',
    note: 'Seconds from the begin of the overload. Those that the drill does not demand are told, not judged: a busy machine may deserve them.',
    columns: [
      'alert',
      'severity',
      'demanded',
      'pending',
      'firing',
      'delivered',
      'cleared',
      'resolved',
      'after the overload',
      'runbook',
    ],
    rows: alerts.map(life => [
      life.name,
      life.severity,
      life.expected ? 'yes' : 'no',
      at(life, 'pending'),
      at(life, 'firing'),
      at(life, 'delivered'),
      at(life, 'cleared'),
      at(life, 'resolved'),
      life.recovery === undefined ? 'never' : time(life.recovery),
      life.runbook,
    ]),
  }
}

function machine({ machine, settings, platform, drill }: Story): Table {
  const rows = {
    drill: `${drill} on ${platform}`,
    processor: `${machine.cpu}, ${machine.cores} cores`,
    memory: `${figure(machine.memoryBytes / 2 ** 30)} GiB`,
    system: machine.system,
    programs: Object.entries(machine.programs)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    overload: `${figure(settings.overloadFactor)} times what one replica carried${settings.autoscaled ? '; the platform scales by itself' : ''}`,
    inputs: `seed ${settings.seed}; requests are given up after ${time(settings.requestTimeout)}`,
    scrapes: `every ${time(settings.scrapeInterval)}`,
  }
  return { title: 'Machine and settings', columns: ['', ''], rows: Object.entries(rows) }
}

function sources({ series, phases, alerts, capacities }: Story): Table {
  const summaries = [...capacities.flatMap(({ runs }) => runs), ...phases.map(({ load }) => load)]
  return {
    title: 'Where each figure comes from',
    columns: ['figure', 'source'],
    rows: [
      ...series.map(({ title, query }) => [title, query]),
      ...phases.flatMap(({ title, own }) =>
        Object.entries(own).map(([key, { query }]) => [`own ${key}, ${title}`, query]),
      ),
      ...alerts.map(({ name, query }) => [`states of ${name}`, query]),
      ...summaries.map(({ summary, rate }) => [`client's figures at ${rate} requests/s`, `k6 summary ${summary}`]),
    ],
  }
}

/** Every table but the verdict, in the order of reading. */
export const tables = (story: Story): Table[] =>
  [capacity, latency, detection, lives, machine, sources].map(table => table(story))
