import { PlatformError } from '../platform.ts'
import { TIED } from '../tied.ts'

export interface RunOptions {
  readonly env?: NodeJS.Dict<string>
  readonly stdin?: string
  /** Ends the program; the returned promise then rejects with its reason. */
  readonly signal?: AbortSignal
  readonly cwd?: string
}

/** How many of the last lines that a program said are repeated where it fails. */
const TAIL = 15

/**
 * Runs a program to its end; what it printed on standard output. It does not outlive this process. Throws a
 * {@link PlatformError} that names the command and has the last lines of what it said, where it fails or is not there.
 */
export async function runProgram(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = '', ...rest] = command
  const { signal, stdin, env = process.env } = options
  signal?.throwIfAborted()
  const file = Bun.which(program, { PATH: env.PATH ?? '' })
  if (file === null) throw new PlatformError(`${program} is not on PATH; install it`)
  const child = Bun.spawn([...TIED, file, ...rest], {
    env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdin: stdin === undefined ? 'ignore' : new Blob([stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const kill = () => child.kill('SIGTERM')
  signal?.addEventListener('abort', kill)
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  signal?.removeEventListener('abort', kill)
  signal?.throwIfAborted()
  if (code === 0) return out
  const said = (err.trim() || out.trim()).split('\n').slice(-TAIL)
  throw new PlatformError([`${command.slice(0, 6).join(' ')} … failed (exit code ${code}):`, ...said].join('\n  '))
}
