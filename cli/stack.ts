import { createProgress, type Progress } from '../lib/progress.ts'
import { UserError } from '../lib/user-error.ts'
import { choosePlatform } from '../platforms/choose.ts'
import { CLUSTER_VARIABLES } from '../platforms/kubernetes/settings.ts'
import { LOCAL_VARIABLES } from '../platforms/local/settings.ts'
import { type Platform, SCENARIO_VARIABLES, SCENARIOS, type Status } from '../platforms/platform.ts'
import { runCommand } from './run-command.ts'
import { describeVariables } from './variables.ts'

const HELP = `bun cli/stack.ts up | down | status | links | load | scale | fault: the stack, on PLATFORM: local or
kubernetes; by default the one that is up, else local.

  up       brings up one replica, and Prometheus, Alertmanager, node_exporter and blackbox_exporter, and says when all is healthy
  down     takes everything down
  status   what runs, and how it is; exit code 1 where nothing is up or a part is not healthy
  links    where to look
  load     runs SCENARIO (${SCENARIOS.join(', ')}) by k6, whose exit code it ends with; ${SCENARIO_VARIABLES.join(', ')} are the scenario's
  scale    to REPLICAS
  fault    asks the service for FAULT, such as status/503, block/2000 or crash, where FAULTS=on

On kubernetes, by environment:
${describeVariables(CLUSTER_VARIABLES)}

On local, by environment:
${describeVariables(LOCAL_VARIABLES)}
`

/** Seconds that a stack usually takes to come up: on a cluster, an image is built and three charts are installed. */
const START = { local: 4, kubernetes: 60 }

/** Runs one command; its exit code. */
type Command = (platform: Platform, signal: AbortSignal, progress: Progress) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = {
  async up(platform, signal, progress) {
    const before = await platform.status()
    if (before?.monitoring && before.replicas > 0) {
      console.log('up already:')
      return report(platform, before)
    }
    progress.step('Start the service, Prometheus, Alertmanager and the exporters', START[platform.name])
    await platform.up({ signal })
    progress.end()
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
    await printLinks(platform)
    if ((await platform.status()) === undefined) console.log('(nothing is up now: make up)')
    return 0
  },
  async load(platform, signal) {
    const name = process.env.SCENARIO || 'load'
    const scenario = SCENARIOS.find(scenario => scenario === name)
    if (scenario === undefined)
      throw new UserError(`SCENARIO: "${name}" is not accepted; it takes ${SCENARIOS.join(', ')}`)
    if ((await platform.status()) === undefined) throw new UserError('nothing is up: make up')
    return (await platform.load({ scenario, variables: {}, signal })).code
  },
  async scale(platform, _, progress) {
    const replicas = Number(process.env.REPLICAS || Number.NaN)
    if (!Number.isSafeInteger(replicas) || replicas < 1)
      throw new UserError(
        `REPLICAS: "${process.env.REPLICAS ?? ''}" is not accepted; it takes an integer of at least 1`,
      )
    progress.step(`Scale to ${replicas} replica${replicas > 1 ? 's' : ''}`)
    await platform.scale(replicas)
    progress.end()
    console.log(`${replicas} replica${replicas > 1 ? 's' : ''} serve ${(await platform.links()).api}`)
    return 0
  },
  async fault(platform) {
    const fault = process.env.FAULT || ''
    if (!/^[a-z]+(\/\d+)?$/.test(fault))
      throw new UserError(`FAULT: "${fault}" is not accepted; it takes one such as status/503, block/2000 or crash`)
    const response = await fetch(`${await platform.api()}/faults/${fault}`, { method: 'POST' })
    console.log(`${response.status} ${await response.text()}`)
    if (response.status === 404) throw new UserError('there is no such fault, or the service runs without FAULTS=on')
    return 0
  },
}

/** Prints the parts of a stack and where to look; 0 if all of it is healthy. */
async function report(platform: Platform, { parts, cpuLimit }: Status): Promise<number> {
  const width = Math.max(18, ...parts.map(({ name }) => name.length))
  for (const { name, state, restarts, lastEnd, details } of parts)
    console.log(
      `  ${name.padEnd(width)} ${state.padEnd(10)} ${details}${restarts ? `  restarted ${restarts} times, ${lastEnd}` : ''}`,
    )
  console.log(`  ${'CPU of a replica'.padEnd(width)} ${cpuLimit}`)
  await printLinks(platform)
  return parts.every(({ state }) => state === 'healthy') ? 0 : 1
}

async function printLinks(platform: Platform): Promise<void> {
  for (const [name, link] of Object.entries(await platform.links())) console.log(`  ${name.padEnd(18)} ${link}`)
}

async function main([name, ...rest]: string[], signal: AbortSignal): Promise<number> {
  const command = COMMANDS[name ?? '--help']
  if (command === undefined || rest.length > 0) {
    console.log(HELP)
    return name === '--help' ? 0 : 2
  }
  const progress = createProgress(process.stderr)
  try {
    return await command(await choosePlatform(process.env, progress.say), signal, progress)
  } finally {
    progress.end()
  }
}

await runCommand(signal => main(Bun.argv.slice(2), signal))
