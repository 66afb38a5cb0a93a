import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CAN_TIE } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { clusterOf, configOf, fakeCluster, programs } from '../../../test/kubectl.ts'
import { until } from '../../../test/until.ts'

import { forward, openApiServer } from '../cluster/api.ts'
import { type FORWARDS, keepForwarding } from './forwards.ts'

const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})
const { cluster } = clusterOf()

/** Puts a kubectl on PATH that notes its process and what it was called with, and goes on as a script says; its notes. */
function kubectl(script: string): () => string[] {
  const notes = join(mkdtempSync(join(tmpdir(), 'kubectl-')), 'notes')
  process.env.PATH = programs({ kubectl: `echo "$$ $*" >> ${notes}\n${script}` })
  return () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [])
}
const FORWARDING = 'echo "Forwarding from 127.0.0.1:4567 -> 80"; echo "Forwarding from [::1]:4567 -> 80"'

const isGone = (pid: number) => !existsSync(`/proc/${pid}`)

describe('the API server', () => {
  test("is asked with kubectl's credentials, over a socket that is this user's alone", async () => {
    const fake = fakeCluster({ config: configOf('kind-fake'), objects: { '/api/v1/a': { b: 1 } } })
    process.env.PATH = fake.path
    const api = await openApiServer(cluster)
    expect(await api.get<object>('/api/v1/a')).toEqual({ b: 1 })
    expect(await api.get('/api/v1/other')).toBeUndefined()
    expect((await api.fetch('/api/v1/other')).status).toBe(404)
    const [, socket = ''] = /^--context=kind-fake proxy --unix-socket=(.+)$/.exec(fake.calls()[0] ?? '') ?? []
    expect(statSync(dirname(socket)).mode & 0o077).toBe(0)
    api.close()
    await until(30, 'kubectl has ended', async () => (await api.get('/api/v1/a').catch(() => 'nothing')) === 'nothing')
    await expect(api.get('/api/v1/a')).rejects.toThrow(/^the API server of kind-fake does not answer \(/)
  })

  test('that refuses is no object that is not there', async () => {
    const refuse = "Bun.serve({ unix: process.env.SOCKET, fetch: () => new Response('no', { status: 403 }) })"
    kubectl(`SOCKET="\${3#*=}" exec ${process.execPath} -e "${refuse}; console.log('Starting')"`)
    const api = await openApiServer(cluster)
    await expect(api.get('/api/v1/a')).rejects.toThrow(new UserError('/api/v1/a: 403 no'))
    api.close()
  })

  test('that kubectl cannot serve is an error, with what it said', async () => {
    kubectl('echo "error: no context" >&2; exit 1')
    await expect(openApiServer(cluster)).rejects.toThrow(
      /^kubectl --context=kind-fake proxy \S+ ended: error: no context$/,
    )
  })
})

if (!CAN_TIE)
  console.warn('SKIPPED: that a forwarded port ends with the process that asked for it; there is no setpriv here')

describe('a forwarded port', () => {
  test('is the one that kubectl says, and ends when it is closed', async () => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const { origin, ended, close } = await forward(cluster, 'monitoring', 'service/grafana', 80)
    expect(origin).toBe('http://127.0.0.1:4567')
    expect(notes()).toEqual([
      expect.stringMatching(/ --context=kind-fake -n monitoring port-forward service\/grafana :80$/),
    ])
    close()
    await ended
  })

  test.skipIf(!CAN_TIE)('ends with the process that asked for it, however that ends', async () => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const script = join(mkdtempSync(join(tmpdir(), 'parent-')), 'parent.ts')
    writeFileSync(
      script,
      `import { forward } from ${JSON.stringify(join(import.meta.dir, '../cluster/api.ts'))}
      await forward({ context: 'any' } as never, 'monitoring', 'service/grafana', 80)
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

describe('forwarding goes on', () => {
  /** Forwards until the test is over; what it said. */
  function keep(name: keyof typeof FORWARDS) {
    const said: string[] = []
    const stop = new AbortController()
    const done = keepForwarding(cluster, name, line => said.push(line), stop.signal)
    return { said, stop, done }
  }

  test.each([
    ['api', '-n tipping-point port-forward service/tipping-point 3000:80'],
    ['grafana', '-n monitoring port-forward service/grafana 3001:80'],
    ['prometheus', '-n monitoring port-forward service/prometheus-server 9090:80'],
    ['alertmanager', '-n monitoring port-forward service/prometheus-alertmanager 9093:9093'],
  ] as const)('from the usual port of %s, until it is stopped', async (name, args) => {
    const notes = kubectl(`${FORWARDING}\nexec sleep 60`)
    const { said, stop, done } = keep(name)
    await until(30, 'it says where', () => said.length > 0)
    expect(said).toEqual([`${name}: http://127.0.0.1:4567`])
    expect(notes()[0]).toEndWith(args)
    stop.abort()
    await done
    expect(isGone(Number.parseInt(notes()[0] as string, 10))).toBe(true)
  })

  test('to the pod that replaces one, and says the same but once', async () => {
    const notes = kubectl(FORWARDING) // and ends, as when its pod is gone
    const { said, stop, done } = keep('grafana')
    await until(30, 'kubectl is started again', () => notes().length > 1)
    stop.abort()
    await done
    expect(said).toEqual(['grafana: http://127.0.0.1:4567'])
  }, 10_000)

  test('where there is nothing yet, and says why', async () => {
    const notes = kubectl('echo "Error from server (NotFound): services grafana not found" >&2; exit 1')
    const { said, stop, done } = keep('grafana')
    await until(30, 'kubectl is started again', () => notes().length > 1)
    stop.abort()
    await done
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^grafana: .*\(NotFound\): services grafana not found; trying again$/)
  }, 10_000)

  test('no longer than it is asked to, also where it is stopped while it starts', async () => {
    kubectl(`sleep 0.3\n${FORWARDING}\nexec sleep 60`)
    const { stop, done } = keep('grafana')
    await Bun.sleep(100)
    stop.abort()
    await done
  })
})
