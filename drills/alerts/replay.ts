import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startReceiver } from '../../k8s/monitoring/receiver.ts'
import { poll } from '../../lib/poll.ts'
import { runProgram } from '../../lib/process.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { alertmanagerConfiguration } from '../../monitoring/alertmanager.ts'
import { alertmanagerSpec, PROFILE, prometheusSpec, writeRules } from '../../platforms/local/specs.ts'
import { SupervisedProcess } from '../../platforms/local/supervised-process.ts'
import { ensureProgram, ensurePrograms } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { type AlertDrills, type AlertResult, sayIndented } from './alert-result.ts'
import { proveAlert, unixTime } from './prove.ts'
import { type Replay, replays } from './replays.ts'
import { SeriesPlayer } from './series-player.ts'

/** Replays at the same time. Each starts a Prometheus, which uses one core for a moment. */
const CONCURRENCY = 3

/** Seconds between two samples of the history. */
const HISTORY_STEP_SECONDS = 60

/** Scrapes before the incident: the windows of the rules must be full. */
const STEADY_SCRAPES = 8

const STEADY_TIMEOUT_SECONDS = 120

/** Installs the programs of the replays. A build takes all cores for minutes, so it must end before the drills begin. */
export async function installReplayPrograms(alerts: readonly string[], signal: AbortSignal): Promise<void> {
  if (alerts.length === 0) return
  const { prometheus, alertmanager, promtool } = PROGRAMS
  const all = replays()
  const haveHistory = alerts.some(alert => all.get(alert)?.history !== undefined)
  await ensurePrograms([prometheus, alertmanager, ...(haveHistory ? [promtool] : [])], { say: console.log, signal })
}

/** Replays the incident of each alert. */
export async function runReplays(
  alerts: readonly string[],
  { folder, stop, onResult }: Omit<AlertDrills, 'platform'>,
): Promise<void> {
  const all = replays()
  const queue = alerts.values()
  async function work() {
    for (const alert of queue) {
      if (stop.signal.aborted) return
      const replay = all.get(alert)
      if (replay === undefined) throw new Error(`${alert} has neither a cause on this platform nor a replay`)
      onResult(await proveByReplay(replay, folder, stop.signal))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
}

/**
 * Drills an alert by the series of its incident, in a Prometheus and an Alertmanager of its own with the rules and the routes
 * of the drill profile. Removes their data at the end.
 */
async function proveByReplay(replay: Replay, folder: string, signal: AbortSignal): Promise<AlertResult> {
  const place = join(folder, `replay-${replay.alert}`)
  const data = join(place, 'data')
  for (const made of [data, join(place, 'logs')]) mkdirSync(made, { recursive: true })
  await using ending = new AsyncDisposableStack()
  ending.defer(() => rm(data, { recursive: true, force: true }))
  const player = new SeriesPlayer(replay.series)
  const exporter = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(player.scrape()) })
  ending.defer(() => exporter.stop(true))
  const { port, deliveries, stop } = startReceiver({ hostname: '127.0.0.1', port: 0 }, () => {})
  ending.defer(stop)
  if (replay.history !== undefined)
    await backfill(player.history(unixTime(), replay.history, HISTORY_STEP_SECONDS), place, data)
  const { prometheus, specs } = await stackSpecs(place, exporter.url.host, `http://127.0.0.1:${port}/alerts`)
  for (const spec of specs) {
    const supervised = new SupervisedProcess(spec)
    ending.defer(async () => void (await supervised.stop()))
    await supervised.start()
  }
  // An abort is no error here: proveAlert reports the abort in the result.
  const isSteady = () => signal.aborted || player.scrapes >= STEADY_SCRAPES
  await poll(isSteady, { timeoutSeconds: STEADY_TIMEOUT_SECONDS })
  const inflict = async () => {
    player.begin('incident')
    return async () => player.begin('recovery')
  }
  const monitoring = {
    prometheus: new PrometheusClient(async () => `http://${prometheus}`),
    deliveries,
    say: sayIndented,
    signal,
  }
  return await proveAlert(monitoring, { ...replay, inflict }, { kind: 'replayed', platform: 'local' })
}

/** Writes the configuration of Alertmanager and Prometheus and returns how each is started. */
async function stackSpecs(place: string, exporter: string, webhook: string) {
  const [prometheus, alertmanager] = [freeAddress(), freeAddress()]
  const files = { alertmanager: join(place, 'alertmanager.yml'), prometheus: join(place, 'prometheus.yml') }
  await Bun.write(files.alertmanager, JSON.stringify(alertmanagerConfiguration(PROFILE, webhook), null, 2))
  const configuration = {
    global: { scrape_interval: PROFILE.scrapeInterval, evaluation_interval: PROFILE.evaluationInterval },
    rule_files: [writeRules(place)],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    // The series have the job label of the target that they stand for.
    scrape_configs: [{ job_name: 'replay', honor_labels: true, static_configs: [{ targets: [exporter] }] }],
  }
  await Bun.write(files.prometheus, JSON.stringify(configuration, null, 2))
  const specs = [
    await alertmanagerSpec(place, alertmanager, files.alertmanager),
    await prometheusSpec(place, prometheus, files.prometheus),
  ]
  return { prometheus, specs }
}

function freeAddress(): string {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  listener.stop(true)
  return `127.0.0.1:${listener.port}`
}

/** Stores the history as blocks in the data folder of Prometheus. Throws a UserError when promtool fails. */
async function backfill(text: string, place: string, data: string): Promise<void> {
  const file = join(place, 'history.txt')
  await Bun.write(file, text)
  const promtool = await ensureProgram(PROGRAMS.promtool)
  const command = [promtool, 'tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, join(data, 'prometheus')]
  await runProgram(command)
  await rm(file)
}
