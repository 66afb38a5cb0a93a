import type { CommandLine } from '../command.ts'
import { judgeVariables } from '../variables.ts'

export const command: CommandLine = {
  summary: 'Check the variables with which make was started (make runs this before every target)',
  argument: ['[words...]', "targets, a slash, and the variables of make's command line"],
  async run(words) {
    const end = words.indexOf('/')
    const { refused, effective } = judgeVariables(words.slice(0, end), words.slice(end + 1), process.env)
    if (refused.length > 0) console.error(refused.join('\n'))
    else if (effective !== undefined) process.stderr.write(`${effective}\n`)
    return refused.length > 0 ? 2 : 0
  },
}
