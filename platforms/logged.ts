import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Settings } from './options.ts'

/**
 * Runs a command that adds its output to the file `log`; true if it succeeds. Throws the signal's reason when aborted,
 * after it has killed the command and all that the command started.
 */
export async function runLogged(
  command: string[],
  cwd: string,
  env: Settings['env'],
  log: string,
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted()
  const output = openSync(log, 'a')
  // A process group of its own, so that what it starts (the compilers of Go, the gzip of tar) can be ended with it.
  const child = Bun.spawn(command, { cwd, env, stdin: 'ignore', stdout: output, stderr: output, detached: true })
  closeSync(output)
  const kill = () => process.kill(-child.pid, 'SIGKILL')
  signal.addEventListener('abort', kill)
  const code = await child.exited
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  return code === 0
}

/** The last lines of a log, without what is empty at its end. */
export const lastLines = (log: string, count: number): string[] =>
  readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count)
