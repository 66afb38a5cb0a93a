import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The service as a process of its own, as users run it. */
export interface ServiceProcess {
  readonly url: string
  readonly metricsUrl: string
  /** Every line that it has written to standard output so far, parsed. */
  readonly log: LogLine[]
  readonly exited: Promise<number>
  /** Resolves to the first line, past or to come, whose `msg` is this. */
  logged(message: string): Promise<LogLine>
  signal(name: NodeJS.Signals): void
  /** Ends it at once. */
  stop(): Promise<void>
}

interface LogLine {
  readonly msg: string
  readonly [key: string]: unknown
}

/** Runs a command to its end: its exit code and all that it printed. */
export async function run(
  command: string[],
  options: { env?: NodeJS.Dict<string>; stdin?: Response; cwd?: string } = {},
) {
  const child = Bun.spawn(command, { stdin: 'ignore', env: process.env, ...options, stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out, err }
}

/** The command that runs an entry from source. */
export const fromSource = (entry: string) => [process.execPath, entry]

/** Compiles an entry as `make build` does, to a folder of its own; the command that runs it. */
export async function compiled(entry: string): Promise<string[]> {
  const binary = join(mkdtempSync(join(tmpdir(), 'tipping-point-')), 'binary')
  const { code, err } = await run([process.execPath, 'run', 'build', entry, '--outfile', binary])
  if (code !== 0) throw new Error(err)
  return [binary]
}

/** Starts the service on free ports, faults on, and waits until it says that it listens (at a level not above info). */
export async function startProcess(command: string[], env: Record<string, string> = {}): Promise<ServiceProcess> {
  const child = Bun.spawn(command, {
    env: { ...process.env, PORT: '0', METRICS_PORT: '0', FAULTS: 'on', READINESS_DELAY_SECONDS: '0', ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const log: LogLine[] = []
  const waiting: { message: string; found: (line: LogLine) => void }[] = []

  const reading = (async () => {
    let rest = ''
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        const line: LogLine = JSON.parse(text)
        log.push(line)
        for (const { message, found } of waiting) if (message === line.msg) found(line)
      }
    }
  })()

  const logged = (message: string) => {
    const past = log.find(line => line.msg === message)
    return past === undefined ? new Promise<LogLine>(found => waiting.push({ message, found })) : Promise.resolve(past)
  }
  const ended = child.exited.then(code => {
    throw new Error(`the service ended with ${code} before it listened`)
  })
  const listening = await Promise.race([logged('listening'), ended])
  ended.catch(() => {})

  return {
    url: String(listening.url),
    metricsUrl: String(listening.metrics),
    log,
    exited: child.exited,
    logged,
    signal: name => child.kill(name),
    async stop() {
      child.kill('SIGKILL')
      await child.exited
      await reading
    },
  }
}
