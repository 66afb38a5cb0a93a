import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { CAN_TIE, collect } from '../lib/process.ts'
import {
  configOf,
  DEPLOYMENT,
  deployment,
  fakeCluster,
  MONITORING_PODS,
  PODS,
  pod,
  programs,
  SERVICE,
  serving,
} from '../test/kubectl.ts'

const { name: NAME, ports } = SERVICE_CONFIG

/** Answers as the pods of the service do, in turn. */
let answered = 0
const service = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/': () => Response.json({ instance: `pod-${(answered++ % 3) + 1}` }),
    '/livez': () => new Response(),
    '/faults/:kind/:n': ({ params }) => new Response(`${params.kind} ${params.n}`),
  },
  fetch: () => new Response('no such fault', { status: 404 }),
})
afterAll(() => service.stop(true))

const nodePort = {
  [SERVICE]: {
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: service.port }] },
    status: { loadBalancer: {} },
  },
}
const resources = { [`deployment/${NAME}`]: deployment(1) }
const up = { ...serving(pod('pod-1')), ...nodePort }

/** Where the API server proxies to the receiver of notifications. */
const DELIVERIES = '/api/v1/namespaces/monitoring/services/alert-receiver:9099/proxy/alerts'

type Fake = ReturnType<typeof fakeCluster>

/** A cluster on which the service is up. */
const cluster = (context = 'kind-fake') => fakeCluster({ config: configOf(context), resources, objects: up })

/** Runs a command of the stack as `make` does, with a folder of its own where no local stack is up. */
function command(name: string, { path }: { path: string }, more: NodeJS.Dict<string> = {}) {
  const { PLATFORM, KUBE_CONTEXT, ...environment } = process.env
  const STACK_DIR = mkdtempSync(join(tmpdir(), 'choose-'))
  return collect([process.execPath, join(import.meta.dir, 'main.ts'), name], {
    env: { ...environment, PATH: path, STACK_DIR, ...more },
  })
}
const NOTHING = { code: 1, out: 'nothing is up: make up\n', err: '' }
const ACTING = 'acting on the context kind-fake\n'

const local = CAN_TIE && process.platform === 'linux'
if (!local) console.warn('SKIPPED: what is chosen where the local stack is up; it needs Linux and setpriv')

describe('the platform', () => {
  test('is the one that PLATFORM names, and no unknown one', async () => {
    expect(await command('status', cluster(), { PLATFORM: 'moon' })).toEqual({
      code: 1,
      out: '',
      err: 'PLATFORM: "moon" is not accepted; it takes local or kubernetes\n',
    })
    expect(await command('status', cluster(), { PLATFORM: 'kubernetes' })).toMatchObject({ code: 0, err: ACTING })
  })

  test('is a cluster that is named, also where its kubectl is missing, or is not local', async () => {
    const missing = await command('status', { path: '/usr/bin/nowhere' }, { PLATFORM: 'kubernetes' })
    expect(missing).toEqual({
      code: 1,
      out: '',
      err: 'kubectl is not on PATH; install it: https://kubernetes.io/docs/tasks/tools/\n',
    })
    const fake = cluster('production')
    const refused = await command('status', fake, { PLATFORM: 'kubernetes' })
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('to act on it all the same: KUBE_CONTEXT=production')
    const meant = await command('status', fake, { PLATFORM: 'kubernetes', KUBE_CONTEXT: 'production' })
    expect(meant).toMatchObject({ code: 0, err: 'acting on the context production\n' })
  })

  test('is by default the cluster on which the service is up', async () => {
    const { code, out, err } = await command('status', cluster())
    expect({ code, err }).toEqual({ code: 0, err: ACTING })
    expect(out).toContain('pod-1              healthy')
  })

  test.skipIf(!local)('is by default this machine where it is up nowhere, or a remote cluster only', async () => {
    const empty = fakeCluster({ config: configOf('kind-fake'), objects: {} })
    expect(await command('status', empty)).toEqual(NOTHING)
    expect(empty.calls().join()).toContain(`get -n ${NAME} deployment ${NAME}`)
    const remote = cluster('production')
    expect(await command('status', remote)).toEqual(NOTHING)
    expect(remote.calls()).toEqual(['config view -o json', ''])
    const kubectl = `[ "$1" = config ] && exec echo '${JSON.stringify(configOf('kind-fake'))}'; exit 1`
    expect(await command('status', { path: programs({ kubectl }) })).toEqual({
      ...NOTHING,
      err: 'the cluster of the context kind-fake does not answer, so this command acts on this machine; PLATFORM=kubernetes shows the error\n',
    })
    expect(await command('status', fakeCluster({ config: {}, objects: {} }))).toEqual(NOTHING) // there is none
  })

  test.skipIf(!local)('is not guessed where it is up here and there', async () => {
    const STACK_DIR = mkdtempSync(join(tmpdir(), 'choose-'))
    mkdirSync(join(STACK_DIR, '.stack'))
    const part = { name: 'replica-1', state: 'healthy', restarts: 0, details: 'http://127.0.0.1:3000' }
    const supervisor = Bun.serve({
      unix: join(STACK_DIR, '.stack/control.sock'),
      fetch: () => Response.json({ replicas: 1, monitoring: false, parts: [part] }),
    })
    const fake = cluster()
    const both = await command('status', fake, { STACK_DIR })
    const [here, there] = [
      await command('status', fake, { STACK_DIR, PLATFORM: 'local' }),
      await command('status', fake, { STACK_DIR, PLATFORM: 'kubernetes' }),
    ]
    await supervisor.stop(true)
    expect(both).toEqual({
      code: 1,
      out: '',
      err: 'a stack is up on this machine, and one on kind-fake; choose with PLATFORM=local or PLATFORM=kubernetes\n',
    })
    expect(here.out).toContain('replica-1          healthy')
    expect(there.out).toContain('pod-1              healthy')

    const broken = Bun.listen({
      unix: join(STACK_DIR, '.stack/control.sock'),
      socket: { data: socket => void socket.end() },
    })
    const unknown = await command('status', fake, { STACK_DIR })
    broken.stop(true)
    expect(unknown).toMatchObject({ code: 1, out: '' })
    expect(unknown.err).toContain('did not answer')
  })
})

describe('a cluster', () => {
  const onCluster = (name: string, fake: Fake, more: NodeJS.Dict<string> = {}) =>
    command(name, fake, { PLATFORM: 'kubernetes', ...more })

  test('on which a part is not healthy is told so, with an exit code', async () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' }
    const containerStatuses = [{ restartCount: 4, state: { waiting }, lastState: {} }]
    const objects = { ...serving(pod('pod-1'), pod('pod-2', { conditions: [], containerStatuses })), ...nodePort }
    const { code, out } = await onCluster('status', fakeCluster({ config: configOf('kind-fake'), objects }))
    expect(code).toBe(1)
    expect(out).toMatch(/pod-1 +healthy/)
    expect(out).toMatch(/pod-2 +unhealthy +CrashLoopBackOff: back-off {2}restarted 4 times/)
    const empty = fakeCluster({ config: configOf('kind-fake'), objects: {} })
    expect(await onCluster('status', empty)).toEqual({ ...NOTHING, err: ACTING })
  })

  test('says where to look', async () => {
    const { code, out } = await onCluster('links', cluster())
    expect(code).toBe(0)
    expect(out.replaceAll(/ {2,}/g, ' ').split('\n')).toEqual([
      ` api ${service.url.origin}`,
      ` swagger ${service.url.origin}/swagger`,
      ` prometheus http://127.0.0.1:${ports.prometheus} (make forward, or tilt up)`,
      ` alertmanager http://127.0.0.1:${ports.alertmanager} (make forward, or tilt up)`,
      ` grafana http://127.0.0.1:${ports.grafana}/d/${NAME}-overview (make forward, or tilt up)`,
      '',
    ])
  })

  test('shows active alerts and deliveries; without the monitoring it says so', async () => {
    const labels = { alertname: 'HighLatency', severity: 'warning', area: 'service' }
    const activeAt = new Date(Date.now() - 60_000).toISOString()
    const prometheus = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      routes: {
        '/api/v1/alerts': () =>
          Response.json({ status: 'success', data: { alerts: [{ labels, state: 'pending', activeAt }] } }),
      },
      fetch: () => new Response('', { status: 404 }),
    })
    const deliveries = [{ at: Date.now() / 1000, status: 'firing', labels, annotations: {} }]
    const objects = {
      ...up,
      [MONITORING_PODS]: { items: [pod('prometheus-server-1')] },
      [DELIVERIES]: { process: 'p', deliveries, next: 1 },
    }
    const fake = fakeCluster({ config: configOf('kind-fake'), objects, port: prometheus.port as number })
    const { code, out } = await onCluster('alerts', fake)
    const { [DELIVERIES]: _, ...others } = objects
    const silent = fakeCluster({ config: configOf('kind-fake'), objects: others, port: prometheus.port as number })
    const unknown = await onCluster('alerts', silent)
    await prometheus.stop(true)
    expect(code).toBe(0)
    expect(out).toMatch(/pending +HighLatency +warning +\S+ \S+ \(6\d s ago\)/)
    expect(out).toMatch(/firing +HighLatency/)
    expect(unknown.code).toBe(1)
    expect(unknown.err).toContain('the receiver does not answer')
    const unmonitored = await onCluster('alerts', cluster())
    expect(unmonitored).toMatchObject({ code: 1, out: '' })
    expect(unmonitored.err).toContain('the service is up without its monitoring')
  })

  test('is scaled, and every pod has answered when it says so', async () => {
    const fake = cluster()
    const before = answered
    const { code, out } = await onCluster('scale', fake, { REPLICAS: '3' })
    expect({ code, out }).toEqual({ code: 0, out: `3 replicas serve ${service.url.origin}\n` })
    expect(fake.calls()).toContain(`--context=kind-fake -n ${NAME} scale deployment ${NAME} --replicas=3`)
    expect(answered - before).toBeGreaterThanOrEqual(3)
  })

  test('is asked for faults through its Service', async () => {
    const proxied = { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '', no_proxy: '' } // where nothing listens
    for (const more of [{}, proxied])
      expect(await onCluster('fault', cluster(), { FAULT: 'status/503', ...more })).toMatchObject({
        code: 0,
        out: '200 status 503\n',
      })
    expect(await onCluster('fault', cluster(), { FAULT: 'crash' })).toMatchObject({
      code: 1,
      out: '404 no such fault\n',
    })
    const nowhere = await onCluster('fault', cluster(), { FAULT: 'crash', API_URL: 'http://127.0.0.1:1' })
    expect(nowhere.err).toContain('the API is not reachable from this machine (nothing answers at http://127.0.0.1:1)')
  })

  test('offers load by a Job in it where that is asked for, with the variables that were', async () => {
    const terminated = { restartCount: 0, lastState: {}, state: { terminated: { exitCode: 99 } } }
    const k6 = pod('loadtest-1', { containerStatuses: [terminated as never] }, { labels: {} })
    const objects = { [DEPLOYMENT]: deployment(1), [PODS]: { items: [k6, pod('pod-1')] }, ...nodePort }
    const fake = fakeCluster({ config: configOf('kind-fake'), objects })
    const { code } = await onCluster('load', fake, { IN_CLUSTER: '1', RATE: '7', SCENARIO: 'spike' })
    expect(code).toBe(99)
    const applied = fake.calls().find(line => line.startsWith('{')) ?? ''
    expect(applied).toContain('"/scripts/loadtest/spike.ts"')
    expect(applied).toContain('{"name":"RATE","value":"7"}')
    expect(applied).not.toContain('experimental-prometheus-rw') // nothing watches
    expect(fake.calls().join('\n')).toContain('logs -f job/loadtest')
  })

  test('offers load from here, and its results go to Prometheus through a port that is forwarded', async () => {
    const objects = { ...up, [MONITORING_PODS]: { items: [pod('prometheus-server-1')] } }
    const fake = fakeCluster({ config: configOf('kind-fake'), objects, port: 4567 })
    const notes = join(fake.folder, 'k6')
    const script = `[ "$1" = --version ] && exec echo 'k6 v99.0.0'; echo "$TARGET $K6_PROMETHEUS_RW_SERVER_URL" > ${notes}`
    writeFileSync(join(fake.path.split(':')[0] as string, 'k6'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    expect(await onCluster('load', fake)).toMatchObject({ code: 0 })
    expect(readFileSync(notes, 'utf8')).toBe(`${service.url.origin} http://127.0.0.1:4567/api/v1/write\n`)
    expect(fake.calls().join('\n')).toContain('-n monitoring port-forward service/prometheus-server :80')
  })

  test('that has the service is not deployed to again; without what watches that is said', async () => {
    const { code, out, err } = await onCluster('up', cluster(), { CHARTS: 'off' })
    expect(code).toBe(0)
    expect(out).toContain('pod-1              healthy')
    expect(err).toContain('CHARTS=off: the monitoring is not installed')
  })

  test('is left without the service', async () => {
    const fake = cluster()
    expect(await onCluster('down', fake)).toMatchObject({
      code: 0,
      out: `${NAME}: deleted, with everything in it\n`,
    })
    expect(fake.calls()).toContain(`--context=kind-fake delete namespace ${NAME} --ignore-not-found --wait=true`)
  })
})

describe('a command for clusters', () => {
  const onlyCluster = (args: string[], more: NodeJS.Dict<string> = {}) =>
    collect([process.execPath, join(import.meta.dir, 'main.ts'), ...args], {
      env: { ...process.env, KUBE_CONTEXT: '', PATH: cluster().path, ...more },
    })

  test('that is unknown ends with 2 and the nearest name', async () => {
    const { code, err } = await onlyCluster(['forwrad'])
    expect(code).toBe(2)
    expect(err).toContain("unknown command 'forwrad'\n(Did you mean forward?)")
    expect(await onlyCluster(['forward', '--onyl', 'x'])).toMatchObject({ code: 2, out: '' })
  })

  test('has help of its own, with its variables; the list of commands has every target', async () => {
    const { code, out } = await onlyCluster(['scale', '--help'])
    expect(code).toBe(0)
    expect(out.replaceAll(/\s+/g, ' ')).toContain('--replicas <value> number of replicas (env: REPLICAS)')
    const list = (await onlyCluster([])).out
    for (const name of ['up', 'grafana-password', 'bench-demo', 'mutate'])
      expect(list).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  })

  test('takes a variable as an option, too', async () => {
    const fake = { path: cluster().path }
    const { code, out } = await onlyCluster(['links', '--platform', 'kubernetes'], {
      PATH: fake.path,
      PLATFORM: 'moon',
    })
    expect(code).toBe(0)
    expect(out).toContain(`${service.url.origin}/swagger`)
  })

  test('takes no unknown part, and says so in one line', async () => {
    const { code, err } = await onlyCluster(['forward', 'moon'])
    expect({ code, err }).toEqual({
      code: 1,
      err: '"moon" is not accepted; it takes prometheus, alertmanager, grafana, api\n',
    })
  })

  test('that makes one names each program that it lacks', async () => {
    const { code, err } = await onlyCluster(['cluster'], { PATH: '/usr/bin/nowhere' })
    expect(code).toBe(1)
    for (const program of ['docker', 'kind', 'ctlptl', 'kubectl'])
      expect(err).toMatch(new RegExp(`^${program} is not on PATH; install it: https://`, 'm'))
  })

  test('forwards until a signal ends it', async () => {
    const { path } = fakeCluster({ config: configOf('kind-fake'), objects: {}, port: 4567 })
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts'), 'forward', 'grafana'], {
      env: { ...process.env, KUBE_CONTEXT: '', PATH: path },
      stdout: 'pipe',
    })
    let out = ''
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      out += chunk
      if (out.includes('grafana: http://127.0.0.1:4567')) child.kill('SIGINT')
    }
    expect(await child.exited).toBe(0)
  })
})
