/** A terminal or a file to which progress is written. */
interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Reports what a long command does. Durations are in seconds. */
export interface Progress {
  /** Title of the current step; empty when there is none. */
  readonly title: string
  /** Ends the current step and begins another. `usual` is the usual duration of the step. */
  step(title: string, usual?: number): void
  /** Sets the text after the current step's title. */
  now(text: string): void
  /** Writes a line that is not replaced. */
  say(line: string): void
  /** Ends the current step. */
  end(): void
}

/** Seconds between two lines of a step in a file, where lines cannot be replaced. */
const LINE_INTERVAL = 30

/** Clears the cursor's line (ECMA-48, "erase in line"). */
const CLEAR = '\r\u001b[2K'

/**
 * On a terminal, each step is one line that is replaced, with the elapsed time. In a file, a step is one line at its start and
 * one every half minute. The text has no colours: a colour would look like an error.
 */
export function createProgress(output: Output = process.stdout, clock: () => number = Date.now): Progress {
  let current: { title: string; usual: number | undefined; began: number; writtenAt: number; text: string } | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  const elapsed = () => Math.round((clock() - (current?.began ?? 0)) / 1000)
  function line(): string {
    if (current === undefined) return ''
    const usual = current.usual === undefined ? '' : ` of about ${current.usual} s`
    return [`${current.title}  ${elapsed()} s${usual}`, current.text].filter(Boolean).join('  ')
  }
  function draw() {
    if (output.isTTY) {
      output.write(`${CLEAR}${line().slice(0, (output.columns || 80) - 1)}`)
      return
    }
    if (current === undefined || clock() - current.writtenAt < LINE_INTERVAL * 1000) return
    current.writtenAt = clock()
    output.write(`  ${elapsed()} s  ${current.text}\n`)
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
      current = { title, usual, began: clock(), writtenAt: clock(), text: '' }
      if (!output.isTTY) output.write(`${title}${usual === undefined ? '' : `  (about ${usual} s)`}\n`)
      draw()
      timer = setInterval(draw, 1000)
      timer.unref()
    },
    now(text) {
      if (current !== undefined) current.text = text
      draw()
    },
    say(line) {
      if (current !== undefined) current.writtenAt = clock()
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
