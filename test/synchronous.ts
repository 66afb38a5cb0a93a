// Prints whether the application answers a trivial request at once or by a promise. Run as a process of its own, compiled.
import { createApp } from '../src/app.ts'
import { Lifecycle } from '../src/lifecycle.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'

const app = createApp({
  config: { faults: false },
  definition: OWN_SERVICE,
  lifecycle: new Lifecycle(),
  log: createLogger('silent'),
  metrics: new Metrics(),
  modules: [],
})
console.log(app.fetch(new Request('http://localhost/')) instanceof Response ? 'at once' : 'a promise')
