import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'

/**
 * Starts Alertmanager on a free port with a configuration, and waits until it is ready; `address` is its host and port. Its
 * data is in a folder of its own.
 */
export async function startAlertmanager(
  configuration: object,
): Promise<{ address: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'))
  const file = join(folder, 'alertmanager.yml')
  writeFileSync(file, JSON.stringify(configuration))
  const address = `127.0.0.1:${freePort()}`
  const command = [
    await ensureProgram(PROGRAMS.alertmanager),
    `--config.file=${file}`,
    `--web.listen-address=${address}`,
    `--storage.path=${join(folder, 'data')}`,
    '--cluster.listen-address=',
  ]
  const child = Bun.spawn(command, { stdout: 'ignore', stderr: Bun.file(join(folder, 'log')) })
  const ready = () =>
    fetch(`http://${address}/-/ready`).then(
      response => response.ok,
      () => false,
    )
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`Alertmanager ended: ${await Bun.file(join(folder, 'log')).text()}`)
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
