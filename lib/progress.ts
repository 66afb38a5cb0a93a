/** Where progress is written: a terminal or a file. */
interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Tells people what a long command does now. Lengths of time are in seconds. */
export interface Progress {
  /** Title of the step that goes on; empty where none does. */
  readonly title: string
  /** Begins a step and ends the one before. `usual` is how long the step usually takes. */
  step(title: string, usual?: number): void
  /** What is seen in this step now; it replaces what was seen before. */
  now(text: string): void
  /** Writes a line that stays. */
  say(line: string): void
  /** Ends the last step. */
  end(): void
}

/** Seconds between two lines of a step where lines cannot be replaced. */
const LINE_INTERVAL = 30

/** Clears the line of the cursor (ECMA-48 "erase in line"). */
const CLEAR = '\r\u001b[2K'

/**
 * Progress on a terminal is one line in place for each step, with the time so far; elsewhere it is a line when a step begins
 * and one every half minute. Plain text: a colour would look like an error.
 */
export function createProgress(output: Output = process.stdout, clock: () => number = Date.now): Progress {
  let current: { title: string; usual: number | undefined; began: number; told: number; seen: string } | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  const elapsed = () => Math.round((clock() - (current?.began ?? 0)) / 1000)
  function line(): string {
    if (current === undefined) return ''
    const usual = current.usual === undefined ? '' : ` of about ${current.usual} s`
    return [`${current.title}  ${elapsed()} s${usual}`, current.seen].filter(Boolean).join('  ')
  }
  function draw() {
    if (output.isTTY) {
      output.write(`${CLEAR}${line().slice(0, (output.columns || 80) - 1)}`)
      return
    }
    if (current === undefined || clock() - current.told < LINE_INTERVAL * 1000) return
    current.told = clock()
    output.write(`  ${elapsed()} s  ${current.seen}\n`)
  }
  function end() {
    clearInterval(timer)
    timer = undefined
    if (current === undefined) return
    if (output.isTTY) output.write(`${CLEAR}${current.title}  ${elapsed()} s\n`)
    current = undefined
  }

  return {
    get title() {
      return current?.title ?? ''
    },
    step(title, usual) {
      end()
      current = { title, usual, began: clock(), told: clock(), seen: '' }
      if (!output.isTTY) output.write(`${title}${usual === undefined ? '' : `  (about ${usual} s)`}\n`)
      draw()
      timer = setInterval(draw, 1000)
      timer.unref()
    },
    now(text) {
      if (current !== undefined) current.seen = text
      draw()
    },
    say(line) {
      if (current !== undefined) current.told = clock()
      output.write(`${output.isTTY && current !== undefined ? CLEAR : ''}${line}\n`)
      if (output.isTTY) draw()
    },
    end,
  }
}

/** Whether text for an output may be coloured: on a terminal, unless NO_COLOR is set (https://no-color.org). */
export const isColoured = (output: { readonly isTTY?: boolean } = process.stdout): boolean =>
  Boolean(output.isTTY) && !process.env.NO_COLOR

/** A function that passes on one line per interval at most, the first one after an interval. */
export function sayEvery(intervalSeconds: number, say: (line: string) => void): (line: string) => void {
  let last = performance.now()
  return line => {
    if (performance.now() - last < intervalSeconds * 1000) return
    last = performance.now()
    say(line)
  }
}
