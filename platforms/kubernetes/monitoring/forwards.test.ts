import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { CAN_TIE } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { clusterOf, configOf, fakeCluster, programs } from '../../../test/kubectl.ts'
import { until } from '../../../test/until.ts'
import { openApiServer } from '../cluster/api-server.ts'
import { FORWARDS, forward, keepForwarding } from './forwards.ts'

const { name: NAME, ports } = SERVICE_CONFIG

const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})
const { cluster } = clusterOf()

/** Puts a kubectl on PATH that notes its process id and arguments, then runs a script; returns a reader of the notes. */
function kubectl(script: string): () => string[] {
  const notes = join(mkdtempSync(join(tmpdir(), 'kubectl-')), 'notes')
  process.env.PATH = programs({ kubectl: `echo "$$ $*" >> ${notes}\n${script}` })
  return () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [])
}
const FORWARDING = 'echo "Forwarding from 127.0.0.1:4567 -> 80"; echo "Forwarding from [::1]:4567 -> 80"'

const isGone = (pid: number) => !existsSync(`/proc/${pid}`)

describe('the API server', () => {
  test("is asked with kubectl's credentials, over a socket that only this user may open", async () => {
    const fake = fakeCluster({ config: configOf('kind-fake'), objects: { '/api/v1/a': { b: 1 } } })
    process.env.PATH = fake.path
    const api = openApiServer(cluster)
    expect(await api.get<object>('/api/v1/a')).toEqual({ b: 1 })
    expect(await api.get('/api/v1/other')).toBeUndefined()
    expect((await api.fetch('/api/v1/other')).status).toBe(404)
    const [, socket = ''] = /^--context=kind-fake proxy --unix-socket=(.+)$/.exec(fake.calls()[0] ?? '') ?? []
    expect(statSync(dirname(socket)).mode & 0o077).toBe(0)
    api.close()
    await until(30, 'kubectl has ended', async () => (await api.get('/api/v1/a').catch(() => 'nothing')) === 'nothing')
    await expect(api.get('/api/v1/a')).rejects.toThrow(/^the API server of kind-fake does not answer \(/)
  })

  test('that refuses a request is an error, not an object that is missing', async () => {
    const refuse = "Bun.serve({ unix: process.env.SOCKET, fetch: () => new Response('no', { status: 403 }) })"
    kubectl(`SOCKET="\${3#*=}" exec ${process.execPath} -e "${refuse}; console.log('Starting')"`)
    const api = openApiServer(cluster)
    await expect(api.get('/api/v1/a')).rejects.toThrow(new UserError('/api/v1/a: 403 no'))
    api.close()
  })

  test('that kubectl cannot reach is an error with the output of kubectl', async () => {
    kubectl('echo "error: no context" >&2; exit 1')
    await expect(openApiServer(cluster).get('/api/v1/a')).rejects.toThrow(
      /^kubectl --context=kind-fake proxy \S+ ended: error: no context$/,
    )
  })
})

if (!CAN_TIE) console.warn('SKIPPED: a forwarded port ends with the process that asked for it; setpriv is missing')

describe('a forwarded port', () => {
  test('is the port that kubectl prints, and ends when the signal aborts', async () => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const stop = new AbortController()
    const { origin, ended } = await forward(cluster, FORWARDS.grafana, 0, stop.signal)
    expect(origin).toBe('http://127.0.0.1:4567')
    expect(notes()).toEqual([
      expect.stringMatching(/ --context=kind-fake -n monitoring port-forward service\/grafana :80$/),
    ])
    stop.abort()
    await ended
  })

  test.skipIf(!CAN_TIE)('ends with the process that asked for it, also when that process is killed', async () => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const script = join(mkdtempSync(join(tmpdir(), 'parent-')), 'parent.ts')
    writeFileSync(
      script,
      `import { FORWARDS, forward } from ${JSON.stringify(join(import.meta.dir, 'forwards.ts'))}
      await forward({ context: 'any' }, FORWARDS.grafana)
      console.log('forwarded')
      setInterval(() => {}, 1000)`,
    )
    const parent = Bun.spawn([process.execPath, script], { env: process.env, stdout: 'pipe' })
    const { value } = await parent.stdout.getReader().read()
    expect(new TextDecoder().decode(value)).toBe('forwarded\n')
    const pid = Number.parseInt(notes()[0] as string, 10)
    expect(isGone(pid)).toBe(false)
    parent.kill('SIGKILL')
    await until(30, 'kubectl is gone', () => isGone(pid))
  })
})

describe('forwarding continues', () => {
  /** Forwards until `stop` aborts; `said` has its lines. */
  function keep(name: keyof typeof FORWARDS) {
    const said: string[] = []
    const stop = new AbortController()
    const done = keepForwarding(cluster, name, line => said.push(line), stop.signal)
    return { said, stop, done }
  }

  test.each([
    ['api', `-n ${NAME} port-forward service/${NAME} ${ports.api}:80`],
    ['grafana', `-n monitoring port-forward service/grafana ${ports.grafana}:80`],
    ['prometheus', `-n monitoring port-forward service/prometheus-server ${ports.prometheus}:80`],
    ['alertmanager', `-n monitoring port-forward service/prometheus-alertmanager ${ports.alertmanager}:9093`],
  ] as const)('from the usual port of %s until it is stopped', async (name, args) => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const { said, stop, done } = keep(name)
    await until(30, 'it says where', () => said.length > 0)
    expect(said).toEqual([`${name}: http://127.0.0.1:4567`])
    expect(notes()[0]).toEndWith(args)
    stop.abort()
    await done
    expect(isGone(Number.parseInt(notes()[0] as string, 10))).toBe(true)
  })

  test('to the pod that replaces another, and prints the same line only once', async () => {
    const notes = kubectl(FORWARDING) // and ends, as when its pod is gone
    const { said, stop, done } = keep('grafana')
    await until(30, 'kubectl is started again', () => notes().length > 1)
    stop.abort()
    await done
    expect(said).toEqual(['grafana: http://127.0.0.1:4567'])
  }, 10_000)

  test('when there is no Service yet, and prints the reason', async () => {
    const notes = kubectl('echo "Error from server (NotFound): services grafana not found" >&2; exit 1')
    const { said, stop, done } = keep('grafana')
    await until(30, 'kubectl is started again', () => notes().length > 1)
    stop.abort()
    await done
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^grafana: .*\(NotFound\): services grafana not found; trying again$/)
  }, 10_000)

  test('until it is stopped, also when it is stopped while it starts', async () => {
    kubectl(`sleep 0.3\n${FORWARDING}\nexec sleep 60`)
    const { stop, done } = keep('grafana')
    await Bun.sleep(100)
    stop.abort()
    await done
  })
})
