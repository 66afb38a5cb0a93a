import { PrometheusClient } from '../../lib/prometheus.ts'
import { readInteger } from '../../lib/read-variable.ts'
import { UserError } from '../../lib/user-error.ts'
import { activeAlertsText, deliveriesText } from '../alerts-text.ts'
import type { CommandLine } from '../command.ts'
import { onPlatform, requireStatus } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Show which alerts are pending or firing, and which were delivered',
  details: `A delivery is shown when its status differs from the delivery before. The receiver keeps the newest 10,000 deliveries and
loses them when it restarts.`,
  run: () =>
    onPlatform(async platform => {
      const last = readInteger(process.env, 'LAST', { minimum: 1, fallback: 20 })
      if (!(await requireStatus(platform)).monitoring)
        throw new UserError('the service is up without its monitoring, so there are no alerts; start it with: make up')
      const [active, received] = await Promise.all([
        new PrometheusClient(() => platform.prometheus()).alerts(),
        platform.deliveries(0),
      ])
      const now = Date.now() / 1000
      console.log(activeAlertsText(active, now))
      if (received === undefined)
        throw new UserError('the receiver does not answer, so deliveries are unknown; see make status')
      console.log(`\n${deliveriesText(received.deliveries, now, last)}`)
    }),
}
