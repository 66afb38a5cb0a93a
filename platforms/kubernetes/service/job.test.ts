import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { type IJob, Job } from 'kubernetes-models/batch/v1/Job'
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import { SCENARIO_VARIABLES, SCENARIOS } from '../../../loadtest/scenarios.ts'
import { apiOf, clusterOf, PODS, pod, programs } from '../../../test/kubectl.ts'
import { PROGRAMS } from '../../../tools/programs.ts'
import type { LoadRun } from '../../platform.ts'
import { jobManifest, runJob } from './job.ts'

const NAME = SERVICE_CONFIG.name

const environment = { ...process.env }
beforeEach(() => {
  for (const variable of SCENARIO_VARIABLES) delete process.env[variable]
})
afterEach(() => {
  process.env.PATH = environment.PATH
  for (const variable of SCENARIO_VARIABLES) delete process.env[variable]
})

const ROOT = join(import.meta.dir, '../../..')
const run: LoadRun = { scenario: 'load', variables: { RATE: '40', SEED: undefined } }

function manifest(run: LoadRun, monitoring = true) {
  const { items } = jobManifest(run, monitoring) as { items: [IConfigMap, IJob] }
  const [map, job] = items
  const pod = job.spec?.template.spec
  const container = pod?.containers[0]
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]))
  /** What is mounted, by its path in the container. */
  const files = new Map<string, string | undefined>()
  for (const { name, mountPath } of container?.volumeMounts ?? [])
    for (const { key, path } of pod?.volumes?.find(volume => volume.name === name)?.configMap?.items ?? [])
      files.set(join(mountPath, path), map.data?.[key])
  return { map, job, pod, container, env, files }
}

describe('the Job', () => {
  test('and its files are valid by the schemas of Kubernetes', () => {
    const { map, job, pod } = manifest(run)
    expect(() => new Job(job).validate()).not.toThrow()
    expect(() => new ConfigMap(map).validate()).not.toThrow()
    expect(map.metadata).toMatchObject({ name: 'loadtest', namespace: NAME })
    expect(job.metadata).toMatchObject({ name: 'loadtest', namespace: NAME })
    expect(pod?.volumes?.[0]?.configMap?.name).toBe('loadtest')
    for (const key of Object.keys(map.data ?? {})) expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/)
    // `kubectl apply` keeps a copy in an annotation; this is the maximum size of annotations
    expect(JSON.stringify(map).length).toBeLessThan(262_144)
  })

  test('is allowed in a restricted namespace', () => {
    const { pod, container } = manifest(run)
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(container?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    })
    expect(container?.securityContext?.privileged).toBeUndefined()
    expect(pod).toMatchObject({ automountServiceAccountToken: false })
    expect(pod?.hostNetwork).toBeUndefined()
    expect((pod?.volumes ?? []).filter(volume => volume.hostPath)).toEqual([])
  })

  test('runs once, and ends by itself', () => {
    const { job, pod } = manifest(run)
    expect(job.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: expect.any(Number) })
    expect(pod?.restartPolicy).toBe('Never')
  })

  test('runs the k6 that this machine would run', () => {
    const { container, env } = manifest(run)
    expect(container?.image).toBe(`grafana/k6:${PROGRAMS.k6.release.version}`)
    expect(container?.args).toEqual([
      'run',
      '--quiet',
      '--out',
      'experimental-prometheus-rw',
      '/scripts/loadtest/load.ts',
    ])
    expect(manifest(run, false).container?.args).toEqual(['run', '--quiet', '/scripts/loadtest/load.ts'])
    expect(env).toMatchObject({
      TARGET: `http://${NAME}-pods.${NAME}.svc.cluster.local:${SERVICE_CONFIG.ports.api}`,
      K6_PROMETHEUS_RW_SERVER_URL: 'http://prometheus-server.monitoring.svc.cluster.local/api/v1/write',
      K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
      K6_NO_USAGE_REPORT: 'true',
    })
  })

  test('has the variables of the scenario, also those from the environment, and no others', () => {
    process.env.DURATION = '5'
    process.env.RATE = '1'
    process.env.NOT_FOR_K6 = 'secret'
    const { env } = manifest({ ...run, variables: { ...run.variables, SUMMARY: '/here/summary.json' } })
    delete process.env.NOT_FOR_K6
    expect(env).toMatchObject({ RATE: '40', DURATION: '5', SUMMARY: '-' }) // printed to the log
    expect(
      Object.keys(env)
        .filter(name => !name.startsWith('K6_'))
        .sort(),
    ).toEqual(['DURATION', 'RATE', 'SUMMARY', 'TARGET'])
    expect(manifest(run).env.SUMMARY).toBeUndefined()
  })

  test('mounts every file that a scenario imports, at the path of the import', () => {
    const { files } = manifest(run)
    const seen = new Set<string>()
    function walk(path: string, from: string): void {
      if (seen.has(path)) return
      seen.add(path)
      const text = files.get(path)
      if (text === undefined) throw new Error(`${from} imports ${path}, which is not mounted`)
      expect(text).toBe(readFileSync(join(ROOT, path.replace('/scripts/', '')), 'utf8'))
      for (const { path: imported } of new Bun.Transpiler({ loader: 'ts' }).scanImports(text))
        if (imported.startsWith('.')) walk(normalize(join(dirname(path), imported)), path)
        else expect(imported).toMatch(/^k6(\/|$)/)
    }
    for (const scenario of SCENARIOS) walk(`/scripts/loadtest/${scenario}.ts`, 'the Job')
    expect([...seen]).toContain('/scripts/src/telemetry/catalogue.ts')
    expect([...files.keys()].sort()).toEqual([...seen].sort())
  })
})

describe('a run in the cluster', () => {
  const started = { phase: 'Running' }
  const ended = (exitCode: number) => ({
    phase: 'Succeeded',
    containerStatuses: [{ restartCount: 0, lastState: {}, state: { terminated: { exitCode } } }],
  })
  /** An API server whose only pod is that of k6, in one state after the other. */
  function moments(...states: (object | undefined)[]) {
    let asked = 0
    return apiOf(() => {
      const state = states[Math.min(asked++, states.length - 1)]
      return { [`${PODS}?labelSelector=job-name%3Dloadtest`]: { items: state ? [pod('loadtest-1', state)] : [] } }
    })
  }
  const logs = (script: string) => {
    process.env.PATH = programs({ kubectl: `[ "$4 $5 $6" = "logs -f job/loadtest" ] || exit 9\n${script}` })
  }
  const file = (name: string) => join(mkdtempSync(join(tmpdir(), 'job-')), name)
  const CLEARED = `-n ${NAME} delete job/loadtest configmap/loadtest --ignore-not-found --cascade=foreground`

  test('writes the log and the summary to the given files, and leaves nothing in the cluster', async () => {
    const [log, SUMMARY] = [file('k6.log'), file('summary.json')]
    logs(`echo 'held   all'; echo 'summary {"rate": 40}'`)
    const { cluster, calls } = clusterOf()
    const api = moments(undefined, { phase: 'Pending' }, started, started, ended(99))
    const loadRun = { ...run, variables: { RATE: '40', SUMMARY }, log }
    expect(await runJob(cluster, api, loadRun, true)).toEqual({ code: 99 })
    expect(readFileSync(log, 'utf8')).toBe('held   all\nsummary {"rate": 40}\n')
    expect(await Bun.file(SUMMARY).json()).toEqual({ rate: 40 })
    expect(calls.map(({ args }) => args)).toEqual([CLEARED, 'apply -f -', CLEARED])
    expect(JSON.parse(calls[1]?.stdin ?? '')).toEqual(jobManifest(loadRun, true))
  })

  test('without a verdict is an error that names the log; without a log, the exit code is returned', async () => {
    const log = file('k6.log')
    logs(`echo 'RATE: "x" is not accepted'`)
    const failed = runJob(clusterOf().cluster, moments(started, ended(107)), { ...run, log }, false)
    await expect(failed).rejects.toThrow(new UserError(`k6 ended with 107; its output is in ${log}`))
    logs('')
    expect(await runJob(clusterOf().cluster, moments(started, ended(107)), run, false)).toEqual({ code: 107 })
  })

  test.each(['ErrImagePull', 'ImagePullBackOff'])('that cannot start gives the reason at once: %s', async reason => {
    const state = { waiting: { reason, message: 'no such host' } }
    const pending = { phase: 'Pending', containerStatuses: [{ restartCount: 0, lastState: {}, state }] }
    const { cluster, calls } = clusterOf()
    await expect(runJob(cluster, moments(pending), run, false)).rejects.toThrow(
      new UserError(
        `k6 did not start in the cluster: ${reason}: no such host; ` +
          `for details: kubectl -n ${NAME} describe job loadtest`,
      ),
    )
    expect(calls.at(-1)?.args).toBe(CLEARED)
  })

  test('ends when it is aborted, and leaves nothing in the cluster', async () => {
    const log = file('k6.log')
    logs('echo begun; exec sleep 60')
    const stop = new AbortController()
    const { cluster, calls } = clusterOf()
    const running = runJob(cluster, moments(started), { ...run, log, signal: stop.signal }, false)
    running.catch(() => {})
    while (!existsSync(log)) await Bun.sleep(20)
    stop.abort(new UserError('stopped'))
    await expect(running).rejects.toThrow('stopped')
    expect(calls.at(-1)?.args).toBe(CLEARED)
  })

  test('that is aborted as it starts does not read the log', async () => {
    logs('exec sleep 60')
    const stop = new AbortController()
    const api = apiOf(() => {
      stop.abort(new UserError('stopped'))
      return { [`${PODS}?labelSelector=job-name%3Dloadtest`]: { items: [pod('loadtest-1', started)] } }
    })
    await expect(runJob(clusterOf().cluster, api, { ...run, signal: stop.signal }, false)).rejects.toThrow('stopped')
  })
})
