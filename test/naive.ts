// The service with its calculations in the handler, without the queue: the control of the overload test.
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { startService } from '../src/service.ts'
import { createLogger } from '../src/telemetry/logger.ts'

const config = readConfig(process.env)
const log = createLogger(config.logLevel)
const queue = { run: async <T>(job: () => T) => job() }
startService(config, log, deps => createApp({ ...deps, queue })).then(service => {
  process.on('SIGTERM', () => log.info('draining'))
  log.info({ url: service.url, metrics: service.metricsUrl }, 'listening')
})
