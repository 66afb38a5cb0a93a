import { constants } from 'node:os'
import { choosePlatform } from './choose.ts'
import { PORTS } from './local/settings.ts'
import { InstallError } from './options.ts'
import { type Platform, PlatformError, SCENARIOS, type Status } from './platform.ts'

const HELP = `bun platforms/command.ts up | down | status | links | load | scale: the stack, on PLATFORM (default: local).

  up       brings up one replica, and Prometheus, Alertmanager, node_exporter and blackbox_exporter, and says when all is healthy
  down     takes everything down
  status   what runs, and how it is; exit code 1 where nothing is up or a part is not healthy
  links    where to look
  load     runs SCENARIO (${SCENARIOS.join(', ')}) by k6, whose exit code it ends with; RATE, DURATION, SEED and TIMEOUT are the scenario's
  scale    to REPLICAS

By environment: STACK_DIR, the folder in which .stack is made, with the state and the logs (default: this one), and the ports:
${Object.entries(PORTS)
  .map(([variable, [port, what]]) => `  ${variable.padEnd(24)} ${port}  ${what}`)
  .join('\n')}
`

const COMMANDS: Readonly<Record<string, (platform: Platform, signal: AbortSignal) => Promise<number>>> = {
  async up(platform, signal) {
    const before = await platform.status()
    if (before?.monitoring) {
      console.log('up already:')
      return report(platform, before)
    }
    console.log('starting the service and what watches it')
    await platform.up({ signal })
    const after = await platform.status()
    return after === undefined ? 1 : report(platform, after)
  },
  async down(platform) {
    const ended = await platform.down()
    console.log(ended.join('\n') || 'nothing was up')
    return 0
  },
  async status(platform) {
    const status = await platform.status()
    if (status !== undefined) return report(platform, status)
    console.log('nothing is up: make up')
    return 1
  },
  async links(platform) {
    printLinks(platform)
    if ((await platform.status()) === undefined) console.log('(nothing is up now: make up)')
    return 0
  },
  async load(platform, signal) {
    const name = process.env.SCENARIO || 'load'
    const scenario = SCENARIOS.find(scenario => scenario === name)
    if (scenario === undefined)
      throw new PlatformError(`SCENARIO: "${name}" is not accepted; it takes ${SCENARIOS.join(', ')}`)
    if ((await platform.status()) === undefined) throw new PlatformError('nothing is up: make up')
    return (await platform.load({ scenario, variables: {}, signal })).code
  },
  async scale(platform) {
    const replicas = Number(process.env.REPLICAS || Number.NaN)
    if (!Number.isSafeInteger(replicas) || replicas < 1)
      throw new PlatformError(
        `REPLICAS: "${process.env.REPLICAS ?? ''}" is not accepted; it takes an integer of at least 1`,
      )
    await platform.scale(replicas)
    console.log(`${replicas} replica${replicas > 1 ? 's' : ''} serve ${platform.links.api}`)
    return 0
  },
}

/** Prints the parts of a stack and where to look; 0 if all of it is healthy. */
function report(platform: Platform, { parts }: Status): number {
  for (const { name, state, restarts, lastEnd, details } of parts)
    console.log(
      `  ${name.padEnd(18)} ${state.padEnd(10)} ${details}${restarts ? `  restarted ${restarts} times, ${lastEnd}` : ''}`,
    )
  printLinks(platform)
  return parts.every(({ state }) => state === 'healthy') ? 0 : 1
}

function printLinks({ links }: Platform): void {
  for (const [name, link] of Object.entries(links)) console.log(`  ${name.padEnd(18)} ${link}`)
}

async function main([name, ...rest]: string[]): Promise<number> {
  const command = COMMANDS[name ?? '--help']
  if (command === undefined || rest.length > 0) {
    console.log(HELP)
    return name === '--help' ? 0 : 2
  }
  const stop = new AbortController()
  let failure = 1
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      failure = 128 + constants.signals[signal] // as shells do
      stop.abort(new PlatformError(`stopped by ${signal}; what was started by this is ended`))
    })
  try {
    return await command(
      choosePlatform(process.env, line => console.error(line)),
      stop.signal,
    )
  } catch (error) {
    if (!(error instanceof PlatformError || error instanceof InstallError)) throw error
    console.error(error.message)
    return failure
  }
}

process.exit(await main(Bun.argv.slice(2)))
