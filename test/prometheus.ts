import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureProgram } from '../platforms/install.ts'
import { PROGRAMS } from '../platforms/programs.ts'

/** A Prometheus of the test's own. */
export interface Prometheus {
  /** The data of an answer of its HTTP API, such as of `/api/v1/rules`. */
  get(path: string): Promise<Record<string, never>>
  stop(): Promise<void>
}

/** Starts Prometheus on a free port with a configuration, and waits until it is ready. Its data is in a folder of its own. */
export async function startPrometheus(configuration: object): Promise<Prometheus> {
  const { address, stop } = await start('prometheus', configuration, folder => [`--storage.tsdb.path=${folder}`])
  return {
    async get(path) {
      const { data } = (await (await fetch(`http://${address}${path}`)).json()) as { data: Record<string, never> }
      return data
    },
    stop,
  }
}

/** Starts Alertmanager as {@link startPrometheus} does; `address` is where it is. */
export const startAlertmanager = (configuration: object) =>
  start('alertmanager', configuration, folder => [`--storage.path=${folder}`, '--cluster.listen-address='])

async function start(
  name: 'prometheus' | 'alertmanager',
  configuration: object,
  data: (folder: string) => string[],
): Promise<{ address: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const file = join(folder, `${name}.yml`)
  writeFileSync(file, JSON.stringify(configuration))
  const address = `127.0.0.1:${freePort()}`
  const command = [
    await ensureProgram(PROGRAMS[name]),
    `--config.file=${file}`,
    `--web.listen-address=${address}`,
    ...data(join(folder, 'data')),
  ]
  const child = Bun.spawn(command, { stdout: 'ignore', stderr: Bun.file(join(folder, 'log')) })
  const ready = () =>
    fetch(`http://${address}/-/ready`).then(
      response => response.ok,
      () => false,
    )
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${await Bun.file(join(folder, 'log')).text()}`)
    await Bun.sleep(50)
  }
  return {
    address,
    async stop() {
      child.kill()
      await child.exited
    },
  }
}

function freePort(): number {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const { port } = server
  server.stop(true)
  return port as number
}
