import { constants } from 'node:os'
import { join } from 'node:path'
import { bypassProxyForLoopback } from '../lib/loopback.ts'
import { ensurePrograms, ensureTree } from '../tools/install.ts'
import { cacheFolder } from '../tools/options.ts'
import { GRAFANA, PROGRAMS } from '../tools/programs.ts'

const HELP = `bun cli/programs.ts PROGRAM...: sees to it that programs are there; prints "name<tab>path" of each.

One that is on PATH and new enough is taken; else the one in the cache; else its official release is downloaded; else it
is built from its Go module. Downloads run side by side, builds one after the other. Grafana is always downloaded, whatever
is on PATH. Nothing is written outside the cache (and Go's own), which may be deleted at any time:
  ${cacheFolder(process.env)} (TIPPING_POINT_CACHE sets another)

The programs, the version that is installed, and the oldest that is taken from PATH:
${Object.values(PROGRAMS)
  .map(({ name, oldest, release }) => `  ${name.padEnd(20)} ${release.version.padEnd(8)} ${oldest}`)
  .join('\n')}
  ${GRAFANA.name.padEnd(20)} ${GRAFANA.version} (${GRAFANA.downloadMegabytes} MB)
`

const NAMES = [...Object.keys(PROGRAMS), GRAFANA.name]

/** The command line; returns the exit status. */
async function main(names: string[]): Promise<number> {
  if (names.includes('--help')) {
    console.log(HELP)
    return 0
  }
  const isProgram = (name: string): name is keyof typeof PROGRAMS => Object.hasOwn(PROGRAMS, name)
  const wrong = names.length === 0 ? 'no program' : names.find(name => !NAMES.includes(name))
  if (wrong !== undefined) {
    console.error(`${wrong} cannot be installed; name one or more of ${NAMES.join(', ')}`)
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
    const { signal } = stop
    const programs = names.filter(isProgram)
    const paths = await ensurePrograms(
      programs.map(name => PROGRAMS[name]),
      { signal },
    )
    for (const [i, name] of programs.entries()) console.log(`${name}\t${paths[i]}`)
    if (names.includes(GRAFANA.name))
      console.log(`${GRAFANA.name}\t${join(await ensureTree(GRAFANA, { signal }), GRAFANA.program)}`)
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return failure
  }
}

process.exit(await main(Bun.argv.slice(2)))
