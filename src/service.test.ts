import { expect, test } from 'bun:test'
import { readConfig } from './config.ts'
import type { ServiceDefinition } from './definition.ts'
import { ListenError } from './server.ts'
import { startService } from './service.ts'
import { createLogger } from './telemetry/logger.ts'

/** A service that notes in `steps` what it starts and what is closed. */
function noting(steps: string[]): ServiceDefinition {
  return {
    ...{ name: 'noting', version: '1', title: 'Noting', description: '', links: {}, settings: {}, warmUp: '/' },
    async start({ resources }) {
      for (const name of ['first', 'second']) {
        steps.push(`start ${name}`)
        resources.defer(() => void steps.push(`close ${name}`))
      }
      return { modules: [] }
    },
  }
}

const start = (steps: string[], port: number) =>
  startService(
    noting(steps),
    readConfig({ PORT: `${port}`, METRICS_PORT: '0', READINESS_DELAY_SECONDS: '0' }, {}),
    createLogger('silent'),
  )

const ALL = ['start first', 'start second', 'close second', 'close first']

test('resources start in order, and the drain closes them in reverse', async () => {
  const steps: string[] = []
  const service = await start(steps, 0)
  expect(steps).toEqual(ALL.slice(0, 2))
  await service.drain()
  expect(steps).toEqual(ALL)
  await service.close()
  expect(steps).toEqual(ALL)
})

test('a service that cannot listen closes its resources', async () => {
  const steps: string[] = []
  const squatter = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const outcome = await start(steps, squatter.port as number).catch(error => error)
  expect(outcome).toBeInstanceOf(ListenError)
  expect(steps).toEqual(ALL)
  await squatter.stop(true)
})

test('what fails at the start is rejected with, after what was started is closed', async () => {
  const steps: string[] = []
  const failing: ServiceDefinition = {
    ...noting(steps),
    async start(context) {
      await noting(steps).start(context)
      throw new RangeError('no third')
    },
  }
  const config = readConfig({ PORT: '0', METRICS_PORT: '0' }, {})
  const outcome = await startService(failing, config, createLogger('silent')).catch(error => error)
  expect(outcome).toBeInstanceOf(RangeError)
  expect(steps).toEqual(ALL)
})
