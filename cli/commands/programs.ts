import { UserError } from '../../lib/user-error.ts'
import { ensurePrograms } from '../../tools/install.ts'
import { cacheFolder } from '../../tools/install-options.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import type { CommandLine } from '../command.ts'

const NAMES = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]

const versions = Object.values(PROGRAMS)
  .map(({ name, oldest, release }) => `  ${name.padEnd(20)} ${release.version.padEnd(8)} ${oldest}`)
  .join('\n')

export const command: CommandLine = {
  summary: 'Install the programs that the project uses and PATH lacks; print "name<tab>path" of each',
  argument: ['[name...]', `only these: ${NAMES.join(', ')}`],
  details: `A program on PATH that is new enough is taken; else the one in the cache; else the official release is downloaded; else
the program is built from its Go module (minutes). Nothing is written outside the cache (and Go's own), which may be deleted:
  ${cacheFolder(process.env)}

The programs, the version that is installed, and the oldest that is taken from PATH:
${versions}`,
  async run(names, signal) {
    const wanted = names.length > 0 ? names : (process.env.PROGRAMS?.split(' ').filter(Boolean) ?? NAMES)
    const unknown = wanted.find(name => !Object.hasOwn(PROGRAMS, name))
    if (unknown !== undefined)
      throw new UserError(`${unknown} cannot be installed; name one or more of ${NAMES.join(', ')}`)
    const programs = (wanted as typeof NAMES).map(name => PROGRAMS[name])
    const paths = await ensurePrograms(programs, { signal })
    for (const [i, { name }] of programs.entries()) console.log(`${name}\t${paths[i]}`)
  },
}
