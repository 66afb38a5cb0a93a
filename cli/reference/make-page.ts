import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VARIABLES } from '../variables.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

const MAKEFILE = join(import.meta.dir, '../../Makefile')

/** The page of the targets of make, and of the variables that they read. */
export function makePage(): string {
  const targets = [...readFileSync(MAKEFILE, 'utf8').matchAll(/^([a-z0-9-]+):.*## (.*)$/gm)]
  const rows = targets.map(([, target = '', help = '']) => [inCode(`make ${target}`), help])
  const uses = Object.entries(VARIABLES).flatMap(([target, variables]) =>
    Object.entries(variables).map(([variable, meaning]) => ({ target, variable, meaning })),
  )
  // A variable may have another meaning in another target.
  const groups = [...Map.groupBy(uses, ({ variable, meaning }) => `${variable} ${meaning}`).values()]
  const variables = groups
    .map(group => [
      inCode(group[0]?.variable ?? ''),
      group[0]?.meaning ?? '',
      group.map(({ target }) => target).join(', '),
    ])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return markdownPage(
    'make',
    'From the [`Makefile`](../../../Makefile) and [`cli/variables.ts`](../../../cli/variables.ts). `make TARGET HELP=1` prints the ' +
      'help of one target. A variable can be on the command line of make or in the environment.',
    [
      `## Targets\n\n${markdownTable(['target', 'meaning'], rows)}`,
      `## Variables\n\n${markdownTable(['variable', 'meaning', 'targets'], variables)}`,
    ],
  )
}
