// The service with its calculations in the handler, without the queue: the control of the overload test.
import { readConfig } from '../src/config.ts'
import { factors } from '../src/modules/factors/index.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { startService } from '../src/service.ts'
import { createLogger } from '../src/telemetry/logger.ts'

const config = readConfig(process.env, {})
const log = createLogger(config.logLevel)
const queue = { run: async <T>(job: () => T) => job() }
const naive = { ...OWN_SERVICE, start: () => ({ modules: [factors(queue)] }) }
startService(naive, config, log).then(service => {
  process.on('SIGTERM', () => log.info('draining'))
  log.info({ url: service.url, metrics: service.metricsUrl }, 'listening')
})
