import { type Logger as PinoLogger, pino } from 'pino'
import { type AccessLog, createAccessLog } from './access-log.ts'

/** The levels of {@link createLogger}, most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** pino's logger, and a line for each request. */
export type Logger = PinoLogger & {
  /** Undefined where the level is above info. */
  readonly access: AccessLog | undefined
}

/** Where a logger writes its lines. */
export interface Sink {
  write(line: string): unknown
  /** Calls back once all that was written has left the process. */
  flush?(done: () => void): void
}

/**
 * A logger of JSON lines.
 * @param level the least severe level that is written
 */
export function createLogger(level: (typeof LOG_LEVELS)[number], sink: Sink = standardOutput()): Logger {
  const timestamp = createTimestamp()
  const formatters = { level: (label: string) => ({ level: label }) }
  const logger = pino({ level, base: null, timestamp, formatters }, sink)
  const access = logger.isLevelEnabled('info') ? createAccessLog(line => sink.write(line), timestamp) : undefined
  return Object.assign(logger, { access })
}

/** The time of a line as `pino.stdTimeFunctions.isoTime` renders it, but once a millisecond and not once a line. */
function createTimestamp(): () => string {
  let renderedAt = Number.NaN
  let rendered = ''
  return () => {
    const now = Date.now()
    if (now !== renderedAt) {
      renderedAt = now
      rendered = `,"time":"${new Date(now).toISOString()}"`
    }
    return rendered
  }
}

/**
 * Standard output. Writes the lines of one turn of the event loop together: one write for each line costs more than the line.
 *
 * Bun's own writer never blocks the event loop, survives a reader that has gone, and loses no line at an exit that waits for
 * `flush`. (pino's asynchronous destination loses the last lines on a pipe under Bun 1.4.5.)
 */
export function standardOutput(writer: Pick<Bun.FileSink, 'write' | 'flush'> = Bun.stdout.writer()): Required<Sink> {
  let lines = ''

  function send(): void {
    const batch = lines
    lines = ''
    writer.write(batch)
  }

  return {
    write(line) {
      if (lines === '') setImmediate(send)
      lines += line
    },
    flush(done) {
      send()
      Promise.resolve(writer.flush()).then(done, done)
    },
  }
}
