// Counts a request with a prom-client whose objects have their public members alone, and prints the exposition. Run as a process
// of its own, because the module is replaced for the whole process.
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'

type Public = keyof Counter | keyof Gauge | keyof Histogram | keyof Registry

/** Every public member by prom-client's types; the compiler refuses any other, and a missing one. */
const MEMBERS: Readonly<Record<Public, true>> = {
  clear: true,
  contentType: true,
  dec: true,
  get: true,
  getMetricsAsArray: true,
  getMetricsAsJSON: true,
  getSingleMetric: true,
  getSingleMetricAsString: true,
  inc: true,
  labels: true,
  metrics: true,
  observe: true,
  registerMetric: true,
  remove: true,
  removeSingleMetric: true,
  reset: true,
  resetMetrics: true,
  set: true,
  setContentType: true,
  setDefaultLabels: true,
  setToCurrentTime: true,
  startTimer: true,
  zero: true,
}

/** An object whose other members cannot be read, written or listed from outside. Its own methods still use them. */
const guarded = <T extends object>(object: T): T =>
  new Proxy(object, {
    get(target, member) {
      if (!(member in MEMBERS)) throw new Error(`${String(member)} is private to prom-client`)
      const value = Reflect.get(target, member)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set(_, member) {
      throw new Error(`${String(member)} is prom-client's to write`)
    },
    ownKeys() {
      throw new Error("the members of prom-client's objects are not to be listed")
    },
  })

const real = await import('../node_modules/prom-client/index.js')
const guardedClass = (Class: new (...args: never[]) => object) =>
  new Proxy(Class, {
    construct(target, [options]) {
      const collect = options?.collect
      const guardedOptions = collect && { ...options, collect: () => collect.call(object) } // its `this` is guarded, too
      const object = guarded(Reflect.construct(target, [guardedOptions ?? options]))
      return object
    },
  })

Bun.plugin({
  name: 'public prom-client',
  setup(build) {
    build.module('prom-client', () => ({
      loader: 'object',
      exports: {
        Counter: guardedClass(real.Counter),
        Gauge: guardedClass(real.Gauge),
        Histogram: guardedClass(real.Histogram),
        Registry: guardedClass(real.Registry),
      },
    }))
  },
})

const { Metrics } = await import('../src/telemetry/metrics.ts')
const { registerProcessMetrics } = await import('../src/telemetry/process.ts')
const { sampleEventLoopLag } = await import('../src/telemetry/event-loop.ts')
const metrics = new Metrics()
registerProcessMetrics(metrics.registry, '1.2.3')
sampleEventLoopLag(metrics.registry)
metrics.declareRoutes([{ method: 'GET', route: '/', statuses: [200, 500] }])
metrics.requestAnswered('GET', '/', 200, 0.07)
metrics.exceptionThrown('/', new TypeError('x'))
console.log(await metrics.registry.metrics())
