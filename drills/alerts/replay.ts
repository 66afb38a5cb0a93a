import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Delivery, startReceiver } from '../../k8s/monitoring/receiver.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { UserError } from '../../lib/user-error.ts'
import { alertmanagerConfiguration } from '../../monitoring/alertmanager.ts'
import { alertmanagerSpec, PROFILE, prometheusSpec, RULES } from '../../platforms/local/specs.ts'
import { Supervised } from '../../platforms/local/supervised.ts'
import { ensureProgram } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { Player } from './played.ts'
import type { Proof } from './proof.ts'
import { prove } from './prove.ts'
import type { Replay } from './replays.ts'

/** Seconds between two values of what was before. */
const STEP = 60

/** Scrapes before the incident begins: a window must be full, else its rates mean nothing. */
const SCRAPES_AT_REST = 8

/** The series of a replay come with the labels of what they stand for; this is the job of what plays them. */
const JOB = 'replay'

const freeAddress = () => {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return `127.0.0.1:${port}`
}

/**
 * Plays series to a Prometheus and an Alertmanager of their own, with the rules and the routes of a drill, and proves the
 * alert by what they make of it. What they store is removed at the end.
 * @param folder for the logs
 */
export async function proveByReplay(
  { alert, how, played, history, ...bounds }: Replay,
  { folder, say, signal }: { folder: string; say: (line: string) => void; signal: AbortSignal },
): Promise<Proof> {
  const place = join(folder, `replay-${alert}`)
  const data = join(place, 'data')
  for (const made of [data, join(place, 'logs')]) mkdirSync(made, { recursive: true })
  const write = (name: string, content: object) => {
    writeFileSync(join(place, name), JSON.stringify(content, null, 2))
    return join(place, name)
  }
  const player = new Player(played)
  let scrapes = 0
  const exporter = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch() {
      scrapes++
      return new Response(player.scrape())
    },
  })
  const deliveries: Delivery[] = []
  const receiver = startReceiver({ hostname: '127.0.0.1', port: 0 }, delivery => deliveries.push(delivery))
  const [prometheus, alertmanager] = [freeAddress(), freeAddress()]
  const running: Supervised[] = []

  try {
    if (history !== undefined) await backfill(player.history(Date.now() / 1000, history, STEP), place, data)
    const webhook = `http://127.0.0.1:${receiver.port}/alerts`
    const specs = [
      await alertmanagerSpec(
        place,
        alertmanager,
        write('alertmanager.yml', alertmanagerConfiguration(PROFILE, webhook)),
      ),
      await prometheusSpec(
        place,
        prometheus,
        write('prometheus.yml', {
          global: { scrape_interval: PROFILE.scrapeInterval, evaluation_interval: PROFILE.evaluationInterval },
          rule_files: [RULES],
          alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
          scrape_configs: [{ job_name: JOB, honor_labels: true, static_configs: [{ targets: [exporter.url.host] }] }],
        }),
      ),
    ]
    for (const spec of specs) {
      const supervised = new Supervised(spec)
      running.push(supervised)
      await supervised.start()
    }
    while (scrapes < SCRAPES_AT_REST && !signal.aborted) await Bun.sleep(250)
    return await prove(
      { prometheus: new PrometheusClient(async () => `http://${prometheus}`), deliveries, say, signal },
      {
        ...{ alert, how, ...bounds },
        async inflict() {
          player.act = 'bad'
          return async () => {
            player.act = 'end'
          }
        },
      },
      { kind: 'replayed', platform: 'local' },
    )
  } finally {
    await Promise.all(running.map(supervised => supervised.stop()))
    await Promise.all([exporter.stop(true), receiver.stop()])
    await rm(data, { recursive: true, force: true })
  }
}

/** Makes blocks of what was before, where Prometheus will find them. */
async function backfill(text: string, place: string, data: string): Promise<void> {
  const file = join(place, 'history.txt')
  await Bun.write(file, text)
  const promtool = await ensureProgram(PROGRAMS.promtool)
  const command = [promtool, 'tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, join(data, 'prometheus')]
  const { exitCode, stderr } = await Bun.$`${command}`.quiet().nothrow()
  await rm(file)
  if (exitCode !== 0) throw new UserError(`what was before cannot be stored: ${stderr.toString().trim()}`)
}
