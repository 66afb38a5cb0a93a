import type { Logger } from 'pino'
import pino from 'pino'

export type { Logger }

/** The levels of {@link createLogger}, most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

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
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    sink,
  )
}

/**
 * Standard output through Bun's own writer: it never holds up the event loop, survives a reader that has gone, and loses
 * no last line before an exit (pino's own asynchronous destination does on a pipe, under Bun 1.4.5).
 */
function standardOutput(): Sink {
  const writer = Bun.stdout.writer()
  return {
    write: line => writer.write(line),
    flush: done => {
      Promise.resolve(writer.flush()).then(done, done)
    },
  }
}
