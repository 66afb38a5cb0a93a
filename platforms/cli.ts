import { constants } from 'node:os'
import { ensureProgram } from './install.ts'
import { bypassProxyForLoopback } from './loopback.ts'
import { cacheFolder } from './options.ts'
import { PROGRAMS } from './programs.ts'

const HELP = `bun platforms/cli.ts PROGRAM...: sees to it that programs are there; prints "name<tab>path" of each.

One that is on PATH and new enough is taken; else the one in the cache; else its official release is downloaded; else it
is built from its Go module. Nothing is written outside the cache (and Go's own), which may be deleted at any time:
  ${cacheFolder(process.env)} (TIPPING_POINT_CACHE sets another)

The programs, the version that is installed, and the oldest that is taken from PATH:
${Object.values(PROGRAMS)
  .map(({ name, oldest, release }) => `  ${name.padEnd(20)} ${release.version.padEnd(8)} ${oldest}`)
  .join('\n')}
`

/** The command line; returns the exit status. */
async function main(names: string[]): Promise<number> {
  if (names.includes('--help')) {
    console.log(HELP)
    return 0
  }
  const isKnown = (name: string): name is keyof typeof PROGRAMS => Object.hasOwn(PROGRAMS, name)
  if (names.length === 0 || !names.every(isKnown)) {
    const wrong = names.find(name => !isKnown(name)) ?? 'no program'
    console.error(`${wrong} cannot be installed; name one or more of ${Object.keys(PROGRAMS).join(', ')}`)
    return 2
  }

  bypassProxyForLoopback()
  const stop = new AbortController()
  let failure = 1
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      failure = 128 + constants.signals[signal] // as shells do
      stop.abort(new Error(`stopped by ${signal}; nothing half done is left`))
    })
  try {
    for (const name of names) console.log(`${name}\t${await ensureProgram(PROGRAMS[name], { signal: stop.signal })}`)
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return failure
  }
}

process.exit(await main(Bun.argv.slice(2)))
