import { collect } from '../lib/process.ts'

/** A command of a document and the output that the document shows for it. */
export interface Step {
  /** The shell text of a block ```` ```sh ````. */
  readonly command: string
  /** The text of the block ```` ```text ```` that follows; undefined where the document shows no output. */
  readonly output: string | undefined
  /** Line of the document on which the command starts. */
  readonly line: number
  /** Headings above the command, outermost first. */
  readonly headings: readonly string[]
}

/** Reads the steps of a Markdown document, in order. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = []
  const headings: string[] = []
  let fence: { language: string; start: number; body: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const mark = /^```(.*)$/.exec(line)
    if (fence === undefined) {
      const heading = /^(#+) (.+)$/.exec(line)
      if (heading?.[1] && heading[2]) headings.splice(heading[1].length - 1, headings.length, heading[2])
      if (mark) fence = { language: (mark[1] ?? '').trim(), start: index + 2, body: [] }
    } else if (mark) {
      const text = fence.body.join('\n')
      const last = steps.at(-1)
      if (fence.language === 'sh')
        steps.push({ command: text, output: undefined, line: fence.start, headings: [...headings] })
      if (fence.language === 'text' && last?.output === undefined && last !== undefined)
        steps[steps.length - 1] = { ...last, output: text }
      fence = undefined
    } else {
      fence.body.push(line)
    }
  }
  return steps
}

/** Whether `actual` is what a document shows: `…` in a line stands for any text, a line of `…` for any number of lines. */
export function matchesOutput(expected: string, actual: string): boolean {
  const clean = (text: string) =>
    Bun.stripANSI(text)
      .replace(/\r\n?/g, '\n') // a carriage return begins a progress line anew
      .replace(/[ \t]+$/gm, '')
      .trim()
  const pattern = clean(expected)
    .split('\n')
    .map(line => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(RegExp.escape).join('.*?')}\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(`${clean(actual)}\n`)
}

/**
 * Runs the steps of a document one after the other, as a reader would, each in a shell of its own in `cwd`. Throws with the
 * place in the document when a command fails, or when its output (standard output and errors) is not the output shown.
 */
export async function runSteps(
  document: string,
  steps: readonly Step[],
  cwd: string,
  env = process.env,
): Promise<void> {
  // With these variables of `make test`, make would print the folders that it enters and leaves.
  const { MAKELEVEL, MAKEFLAGS, MFLAGS, ...readers } = env
  for (const { command, output, line } of steps) {
    const at = `${document}:${line}: ${command}`
    console.log(at)
    const { code, out } = await collect(['bash', '-euo', 'pipefail', '-c', `exec 2>&1\n${command}`], {
      cwd,
      env: readers,
    })
    if (code !== 0) throw new Error(`${at}\nended with ${code}:\n${out}`)
    if (output !== undefined && !matchesOutput(output, out))
      throw new Error(`${at}\nprinted:\n${out}\nbut the document shows:\n${output}`)
  }
}
