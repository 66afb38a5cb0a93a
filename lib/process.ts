import { closeSync, openSync, readFileSync } from 'node:fs'
import { UserError } from './user-error.ts'

const SETPRIV = Bun.which('setpriv')

/** Whether child processes end with this process even when this process is killed. It needs setpriv (util-linux). */
export const CAN_TIE = SETPRIV !== null

/** Last lines of a program's output that an error repeats. */
const TAIL_LINES = 15

export interface ProcessOptions {
  /** Default: the environment of this process. */
  readonly env?: NodeJS.Dict<string> | undefined
  readonly cwd?: string | undefined
  /** Aborting sends `abortSignal` to the program and to all that the program started. */
  readonly signal?: AbortSignal | undefined
  /** Default: SIGTERM. */
  readonly abortSignal?: NodeJS.Signals
}

interface StartOptions extends ProcessOptions {
  /** File to which the program's output is appended; or what Bun.spawn accepts. Default: inherit. */
  readonly output?: { readonly log: string } | 'inherit' | 'ignore'
  /** Whether the program outlives this process. Default: false. */
  readonly outlives?: boolean
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches this process alone, which decides how the program ends.
 */
export function startProgram(command: readonly string[], options: StartOptions = {}): Bun.Subprocess {
  const { output = 'inherit', outlives = false, signal } = options
  signal?.throwIfAborted()
  const file = typeof output === 'object' ? openSync(output.log, 'a') : output
  const child = Bun.spawn([...(outlives ? [] : prefix()), ...command], {
    ...common(options),
    stdin: 'ignore',
    stdout: file,
    stderr: file,
  })
  if (typeof file === 'number') closeSync(file)
  if (!outlives) endWithThisProcess(child)
  endOnAbort(child, options)
  return child
}

/** Starts a program whose input and output this process writes and reads. See {@link startProgram}. */
export function startPiped(command: readonly string[], options: ProcessOptions = {}): Bun.PipedSubprocess {
  options.signal?.throwIfAborted()
  const stdio = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const
  const child = Bun.spawn([...prefix(), ...command], { ...common(options), ...stdio })
  endWithThisProcess(child)
  endOnAbort(child, options)
  return child
}

/**
 * Runs a program to its end and returns its exit code and output. Throws the signal's reason when aborted.
 * @param options `stdin` is the program's input; default: none
 */
export async function collect(
  command: readonly string[],
  options: ProcessOptions & { readonly stdin?: string | undefined } = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = startPiped(command, options)
  child.stdin.write(options.stdin ?? '')
  child.stdin.end()
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  options.signal?.throwIfAborted()
  return { code, out, err }
}

/**
 * Runs a program from PATH to its end and returns what it printed on standard output. Throws a {@link UserError} with the
 * command and the last lines of its output when the program is missing or fails; the signal's reason when aborted.
 */
export async function runProgram(
  command: readonly string[],
  options: ProcessOptions & { readonly stdin?: string | undefined } = {},
): Promise<string> {
  options.signal?.throwIfAborted()
  const [program = '', ...rest] = command
  const file = Bun.which(program, { PATH: (options.env ?? process.env).PATH ?? '' })
  if (file === null) throw new UserError(`${program} is not on PATH; install it`)
  const { code, out, err } = await collect([file, ...rest], options)
  if (code === 0) return out
  const tail = (err.trim() || out.trim()).split('\n').slice(-TAIL_LINES)
  throw new UserError([`${command.slice(0, 6).join(' ')} … failed (exit code ${code}):`, ...tail].join('\n  '))
}

/** Runs a program to its end, its output appended to `log`; returns whether it succeeded. Throws the signal's reason when aborted. */
export async function runLogged(command: readonly string[], log: string, options: ProcessOptions): Promise<boolean> {
  const code = await startProgram(command, { ...options, output: { log } }).exited
  options.signal?.throwIfAborted()
  return code === 0
}

/**
 * Ends a program: SIGTERM, then SIGKILL after `timeoutSeconds`. Resolves when the program has ended.
 * A program that SIGSTOP has paused is resumed first, else it could not handle SIGTERM.
 */
export async function endProgram(child: Bun.Subprocess, timeoutSeconds: number): Promise<void> {
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000)
  await child.exited
  clearTimeout(kill)
}

/** The last lines of a file, without empty lines at its end. */
export const lastLines = (file: string, count: number): string[] =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count)

/** The kernel (Linux) kills the program when this process ends, however this process ends. */
const prefix = () => (SETPRIV === null ? [] : [SETPRIV, '--pdeathsig', 'KILL', '--'])

/** Without `env`, Bun.spawn passes on the environment with which this process began, not the present one. */
const common = ({ env = process.env, cwd }: ProcessOptions) => ({ env, ...(cwd && { cwd }), detached: true })

function endWithThisProcess(child: Bun.Subprocess): void {
  const kill = () => sendToGroup(child, 'SIGKILL')
  process.on('exit', kill)
  child.exited.then(() => process.off('exit', kill))
}

function endOnAbort(child: Bun.Subprocess, { signal, abortSignal = 'SIGTERM' }: ProcessOptions): void {
  const end = () => sendToGroup(child, abortSignal)
  signal?.addEventListener('abort', end)
  child.exited.then(() => signal?.removeEventListener('abort', end))
}

function sendToGroup(child: Bun.Subprocess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid, signal)
  } catch {} // every process of the group has ended
}
