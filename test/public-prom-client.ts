// Counts a request by a prom-client that hides its state, and prints the exposition. Run as a process of its own, because the module
// is replaced for the whole process.
/** An object whose state cannot be read, written or listed from outside. Its own methods still use it. */
const guarded = <T extends object>(object: T): T =>
  new Proxy(object, {
    get(target, member) {
      const value = Reflect.get(target, member)
      if (typeof value === 'function') return value.bind(target)
      if (Object.hasOwn(target, member)) throw new Error(`${String(member)} is private state of prom-client`)
      return value
    },
    set(_, member) {
      throw new Error(`${String(member)} is for prom-client alone to write`)
    },
    ownKeys() {
      throw new Error('the state of prom-client is private')
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
const { registerProcessMetrics } = await import('../src/telemetry/process-metrics.ts')
const { sampleEventLoopLag } = await import('../src/telemetry/event-loop.ts')
const metrics = new Metrics()
registerProcessMetrics(metrics.registry, '1.2.3')
sampleEventLoopLag(metrics.registry)
metrics.declareRoutes([{ method: 'GET', route: '/', statuses: [200, 500] }])
metrics.requestAnswered('GET', '/', 200, 0.07)
metrics.exceptionThrown('/', new TypeError('x'))
console.log(await metrics.registry.metrics())

export {} // a module, so that it may await
