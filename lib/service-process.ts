import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from './process.ts'

/** The service as a process of its own, as users run it. */
export interface ServiceProcess {
  readonly url: string
  readonly metricsUrl: string
  readonly pid: number
  /** Every line that the process has written to standard output so far, parsed. */
  readonly log: LogLine[]
  readonly exited: Promise<number>
  /** Resolves to the first line, past or to come, whose `msg` is this. */
  logged(message: string): Promise<LogLine>
  signal(name: NodeJS.Signals): void
  /** Kills the process. */
  stop(): Promise<void>
}

interface LogLine {
  readonly msg: string
  readonly [key: string]: unknown
}

/** The command that runs an entry from source. */
export const fromSource = (entry: string) => [process.execPath, entry]

/** Compiles an entry as `make build` does, to a folder of its own by default; returns the command that runs it. */
export async function compiled(
  entry: string,
  binary = join(mkdtempSync(join(tmpdir(), 'service-')), 'binary'),
): Promise<[string]> {
  const { code, err } = await collect([process.execPath, 'run', 'build', entry, '--outfile', binary])
  if (code !== 0) throw new Error(`${entry} cannot be compiled: ${err}`)
  return [binary]
}

/** Starts the service on free ports, faults on, and waits until it logs that it listens (at a level not above info). */
export async function startProcess(command: string[], env: Record<string, string> = {}): Promise<ServiceProcess> {
  const child = Bun.spawn(command, {
    env: { ...process.env, PORT: '0', METRICS_PORT: '0', FAULTS: 'on', READINESS_DELAY_SECONDS: '0', ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const log: LogLine[] = []
  const waiting: { message: string; found: (line: LogLine) => void }[] = []

  /** Throws where a line is not JSON. Ignores a last line without an end: the process may have been killed while writing. */
  async function readLog() {
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
  }
  const reading = readLog()
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
    pid: child.pid,
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
