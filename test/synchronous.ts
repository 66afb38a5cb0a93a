// Prints whether the application answers a trivial request at once or by a promise. Run as a process of its own, compiled.
import { name, version } from '../package.json'
import { createApp } from '../src/app.ts'
import { Lifecycle } from '../src/lifecycle.ts'
import { Queue } from '../src/modules/factors/queue.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'

const app = createApp({
  config: { faults: false },
  lifecycle: new Lifecycle(),
  log: createLogger('silent'),
  metrics: new Metrics(),
  name,
  queue: new Queue(),
  version,
})
console.log(app.fetch(new Request('http://localhost/')) instanceof Response ? 'at once' : 'a promise')
