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
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration))
  const address = `127.0.0.1:${freePort()}`
  const child = Bun.spawn(
    [
      await ensureProgram(PROGRAMS.prometheus),
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdout: 'ignore', stderr: Bun.file(join(folder, 'log')) },
  )
  const ready = () =>
    fetch(`http://${address}/-/ready`).then(
      response => response.ok,
      () => false,
    )
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${await Bun.file(join(folder, 'log')).text()}`)
    await Bun.sleep(50)
  }
  return {
    async get(path) {
      const { data } = (await (await fetch(`http://${address}${path}`)).json()) as { data: Record<string, never> }
      return data
    },
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
