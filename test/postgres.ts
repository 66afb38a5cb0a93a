import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../lib/process.ts'

/** Where Debian has the programs of Postgres; other systems have them on PATH. */
const FOLDERS = [...new Bun.Glob('postgresql/*/bin').scanSync({ cwd: '/usr/lib', absolute: true, onlyFiles: false })]
const find = (program: string) => Bun.which(program, { PATH: [process.env.PATH, ...FOLDERS].join(':') })

/** Postgres refuses to run as root. */
const AS_POSTGRES =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : []

/**
 * Starts a Postgres with an empty database in a temporary folder. Without Postgres, warns that the test is skipped and returns
 * undefined; throws in CI, because a skipped test proves nothing.
 * @param what name of the test, for the message
 */
export async function startPostgres(what: string): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  const [initdb, control] = [find('initdb'), find('pg_ctl')]
  if (initdb === null || control === null) {
    const missing = `${what}: there is no Postgres; install it, such as by apt-get install postgresql`
    if (process.env.CI === 'true') throw new Error(missing)
    console.warn(`SKIPPED: ${missing}`)
    return undefined
  }
  const folder = mkdtempSync(join(AS_POSTGRES.length > 0 ? '/tmp' : tmpdir(), 'postgres-')) // tmpdir() is this user's alone
  if (AS_POSTGRES.length > 0) await runProgram(['chown', 'postgres', folder])
  const run = (...command: string[]) => runProgram([...AS_POSTGRES, ...command], { cwd: folder })
  const data = join(folder, 'data')
  const port = freePort()
  await run(initdb, '--no-sync', '--auth=trust', '--username=postgres', data)
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`
  await run(control, '-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start')
  return {
    url: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
    async stop() {
      await run(control, '-D', data, '-m', 'immediate', '-w', 'stop')
      rmSync(folder, { recursive: true })
    },
  }
}

function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  listener.stop(true)
  return listener.port
}
