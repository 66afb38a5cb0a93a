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

type Stdin = 'ignore' | 'pipe'
type Stdout = number | 'inherit' | 'ignore' | 'pipe'

interface StartOptions extends ProcessOptions {
  /** `log`: file to which the output is appended. Default: inherit. */
  readonly output?: { readonly log: string } | 'inherit' | 'ignore'
  /** Whether the program outlives this process. Default: false. */
  readonly outlives?: boolean
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches only this process, which decides how the program ends.
 */
export function startProgram(command: readonly string[], options: StartOptions = {}): Bun.Subprocess {
  const { output = 'inherit', outlives = false } = options
  const file = typeof output === 'object' ? openSync(output.log, 'a') : output
  try {
    return spawn(command, { stdin: 'ignore', stdout: file, stderr: file }, options, outlives)
  } finally {
    if (typeof file === 'number') closeSync(file)
  }
}

/** Starts a program whose input and output this process writes and reads. See {@link startProgram}. */
export const startPiped = (command: readonly string[], options: ProcessOptions = {}): Bun.PipedSubprocess =>
  spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' }, options, false)

/**
 * Starts a program that serves until it is ended, and waits for a line of its output that matches `ready`. Throws a
 * {@link UserError} when the program ends before, or when `timeoutSeconds` have passed.
 */
export async function startServer(
  command: readonly string[],
  ready: RegExp,
  { timeoutSeconds, ...options }: ProcessOptions & { readonly timeoutSeconds: number },
): Promise<{ child: Bun.PipedSubprocess; match: RegExpExecArray }> {
  const child = startPiped(command, options)
  const errors = child.stderr.text()
  const { promise, resolve } = Promise.withResolvers<RegExpExecArray | null>()
  const read = async () => {
    // To the end of the output: a program whose pipe is full would block.
    for await (const line of readLines(child.stdout)) if (ready.test(line)) resolve(ready.exec(line))
  }
  read()
    .catch(() => {})
    .finally(() => resolve(null))
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill()
  }, timeoutSeconds * 1000)
  const match = await promise
  clearTimeout(timer)
  if (match !== null) return { child, match }
  const reason = isLate ? `was not ready within ${timeoutSeconds} s` : `ended: ${(await errors).trim()}`
  throw new UserError(`${command.join(' ')} ${reason}`)
}

interface CollectOptions extends ProcessOptions {
  /** The program's input. Default: none. */
  readonly stdin?: string | undefined
  /** Takes each line of the output and of the error output as it arrives. */
  readonly onLine?: (line: string) => void
}

/** Runs a program to its end and returns its exit code and output. Throws the signal's reason when aborted. */
export async function collect(
  command: readonly string[],
  options: CollectOptions = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = startPiped(command, options)
  child.stdin.write(options.stdin ?? '')
  child.stdin.end()
  const { onLine } = options
  const read = (output: Output) => (onLine ? readWithLines(output, onLine) : output.text())
  const [out, err, code] = await Promise.all([read(child.stdout), read(child.stderr), child.exited])
  options.signal?.throwIfAborted()
  return { code, out, err }
}

type Output = Bun.PipedSubprocess['stdout']

async function readWithLines(output: Output, onLine: (line: string) => void): Promise<string> {
  const lines: string[] = []
  for await (const line of readLines(output)) {
    lines.push(line)
    onLine(line)
  }
  return lines.join('\n')
}

/** The lines of an output, as they arrive. */
export async function* readLines(output: Output): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/**
 * Runs a program from PATH to its end and returns what it printed on standard output. Throws a {@link UserError} with the
 * command and the last lines of its output when the program is missing or fails; the signal's reason when aborted.
 */
export async function runProgram(command: readonly string[], options: CollectOptions = {}): Promise<string> {
  options.signal?.throwIfAborted()
  const [program = '', ...rest] = command
  const file = Bun.which(program, { PATH: (options.env ?? process.env).PATH ?? '' })
  if (file === null) throw new UserError(`${program} is not on PATH; install it`)
  const { code, out, err } = await collect([file, ...rest], options)
  if (code === 0) return out
  const tail = (err.trim() || out.trim()).split('\n').slice(-TAIL_LINES)
  throw new UserError([`${command.slice(0, 6).join(' ')} … failed (exit code ${code}):`, ...tail].join('\n  '))
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

function spawn<In extends Stdin, Out extends Stdout>(
  command: readonly string[],
  stdio: { stdin: In; stdout: Out; stderr: Out },
  { env = process.env, cwd, signal, abortSignal = 'SIGTERM' }: ProcessOptions,
  outlives: boolean,
): Bun.Subprocess<In, Out, Out> {
  signal?.throwIfAborted()
  // setpriv: the kernel (Linux) kills the program when this process ends, however this process ends.
  const prefix = SETPRIV === null || outlives ? [] : [SETPRIV, '--pdeathsig', 'KILL', '--']
  // env: by default Bun.spawn passes on the environment with which this process began, not the present one.
  const child = Bun.spawn([...prefix, ...command], { ...stdio, env, ...(cwd && { cwd }), detached: true })
  const kill = () => sendToGroup(child, 'SIGKILL')
  const abort = () => sendToGroup(child, abortSignal)
  if (!outlives) process.on('exit', kill)
  signal?.addEventListener('abort', abort)
  child.exited.then(() => {
    process.off('exit', kill)
    signal?.removeEventListener('abort', abort)
  })
  return child
}

function sendToGroup(child: Bun.Subprocess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid, signal)
  } catch {} // every process of the group has ended
}
