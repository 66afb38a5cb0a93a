import { parseArgs } from 'node:util'
import { ConfigError, describeConfig, readConfig } from './config.ts'
import type { ServiceDefinition } from './definition.ts'
import { DependencyError } from './dependency.ts'
import { exit, exitOnErrors } from './exit.ts'
import { ListenError } from './server.ts'
import { type Service, startService } from './service.ts'
import { createLogger, type Logger } from './telemetry/logger.ts'

/** Arguments that are not accepted. */
class UsageError extends Error {}

function readArguments() {
  try {
    return parseArgs({ options: { help: { type: 'boolean' }, version: { type: 'boolean' } } }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; try --help`)
  }
}

/** At the first signal, drains and exits: with 0, or with 1 if requests had to be cut. At the second, exits at once. */
function exitOnSignals(service: Service, log: Logger): void {
  let signals = 0
  const onSignal = async (signal: string) => {
    log.info({ signal }, signals === 0 ? 'draining' : 'second signal: exiting at once')
    if (signals++ > 0) return exit(log, 1)
    const cut = await service.drain()
    log.info({ cut }, 'drained')
    exit(log, cut === 0 ? 0 : 1)
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
}

async function run<Own extends object>(definition: ServiceDefinition<Own>): Promise<void> {
  const { name, version, description, settings } = definition
  const args = readArguments()
  if (args.help)
    return console.log(`${name} ${version}: ${description}

It takes no arguments but --help and --version, and reads its configuration from the environment:
${describeConfig(settings)}
`)
  if (args.version) return console.log(version)

  const config = readConfig(process.env, settings)
  const log = createLogger(config.logLevel)
  exitOnErrors(log)

  const service = await startService(definition, config, log)
  exitOnSignals(service, log)
  if (config.faults) log.warn('faults are on: anyone who can send requests can break this service by /faults')
  log.info({ version, url: service.url, metrics: service.metricsUrl }, 'listening')
}

/** Errors that people mend: one line on standard error, and this exit code. Code 2: arguments and variables. */
const EXIT_CODES = [
  [UsageError, 2],
  [ConfigError, 2],
  [ListenError, 1],
  [DependencyError, 1],
] as const

/** Runs a service in this process: reads the arguments and the environment, starts the service, and drains it at a signal. */
export function runService<Own extends object>(definition: ServiceDefinition<Own>): void {
  run(definition).catch((error: Error) => {
    const code = EXIT_CODES.find(([kind]) => error instanceof kind)?.[1]
    if (code === undefined) throw error
    process.stderr.write(`${definition.name}: ${error.message}\n`)
    process.exit(code)
  })
}
