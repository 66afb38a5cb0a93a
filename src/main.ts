import { parseArgs } from 'node:util'
import { name, version } from '../package.json'
import { ConfigError, describeConfig, readConfig } from './config.ts'
import { exit, exitOnErrors } from './exit.ts'
import { ListenError } from './server.ts'
import { type Service, startService } from './service.ts'
import { createLogger, type Logger } from './telemetry/logger.ts'

const HELP = `${name} ${version}: a small REST service that is observable from its first commit.

It takes no arguments but --help and --version, and reads its configuration from the environment:
${describeConfig()}
`

/** Exits with one line on standard error. Exit code 2 is for arguments and variables that are not accepted. */
function fail(message: string, code: number): never {
  process.stderr.write(`${name}: ${message}\n`)
  process.exit(code)
}

function readArguments() {
  try {
    return parseArgs({ options: { help: { type: 'boolean' }, version: { type: 'boolean' } } }).values
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0]}; try --help`, 2)
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

async function main() {
  const args = readArguments()
  if (args.help) return console.log(HELP)
  if (args.version) return console.log(version)

  const config = readConfig(process.env)
  const log = createLogger(config.logLevel)
  exitOnErrors(log)

  const service = await startService(config, log)
  exitOnSignals(service, log)
  if (config.faults) log.warn('faults are on: anyone who can send requests can break this service by /faults')
  log.info({ version, url: service.url, metrics: service.metricsUrl }, 'listening')
}

main().catch(error => {
  if (error instanceof ConfigError) fail(error.message, 2)
  if (error instanceof ListenError) fail(error.message, 1)
  throw error
})
