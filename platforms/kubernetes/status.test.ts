import { describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { apiOf, DEPLOYMENT, deployment, MONITORING_PODS, PODS, pod, serving } from '../../test/kubectl.ts'
import type { Part } from '../platform.ts'
import { isReady, type Pod, whyNotRunning } from './cluster/workloads.ts'
import { readStatus } from './status.ts'

const NAME = SERVICE_CONFIG.name

const status = (objects: Record<string, unknown>) => readStatus(apiOf(() => objects))

/** The part of the status that stands for a pod of the service. */
const partOf = async (pod: Pod): Promise<Part | undefined> => (await status(serving(pod)))?.parts[0]

const notReady = { conditions: [{ type: 'Ready', status: 'False' }] }
const container = { restartCount: 0, state: {}, lastState: {} }
const waiting = (reason: string, message?: string) => ({
  ...notReady,
  containerStatuses: [{ ...container, state: { waiting: { reason, ...(message && { message }) } } }],
})

describe('the status', () => {
  test('is undefined when neither the service nor the monitoring is deployed', async () => {
    expect(await status({})).toBeUndefined()
    expect(await status({ [PODS]: { items: [] }, [MONITORING_PODS]: { items: [] } })).toBeUndefined()
  })

  test('has the replicas that the Deployment asks for, and the pods that run', async () => {
    expect(await status({ [DEPLOYMENT]: deployment(3), [PODS]: { items: [pod('a')] } })).toEqual({
      replicas: 3,
      cpuLimit: 'no limit',
      monitoring: false,
      parts: [{ name: 'a', state: 'healthy', restarts: 0, details: `kubectl -n ${NAME} logs a` }],
    })
  })

  test('has the CPU limit of the service', async () => {
    const { spec, ...rest } = deployment(1)
    const containers = [{ name: 'service', resources: { limits: { cpu: '300m' } } }]
    const limited = { ...rest, spec: { ...spec, template: { spec: { containers } } } }
    expect(await status({ [DEPLOYMENT]: limited, [PODS]: { items: [pod('a')] } })).toMatchObject({
      cpuLimit: "300m of a core, by the kernel (the container's limit)",
    })
  })

  test('has the monitoring, with or without the service', async () => {
    const monitoring = { items: [pod('prometheus-server-1'), pod('grafana-1')] }
    expect(await status({ ...serving(pod('a')), [MONITORING_PODS]: monitoring })).toMatchObject({
      replicas: 1,
      monitoring: true,
      parts: [{ name: 'a' }, { name: 'prometheus-server-1' }, { details: 'kubectl -n monitoring logs grafana-1' }],
    })
    const alone = await status({ [MONITORING_PODS]: { items: [pod('grafana-1')] } })
    expect(alone).toMatchObject({ replicas: 0, monitoring: false, parts: [{ name: 'grafana-1' }] })
  })

  test('leaves out pods that are being deleted, have ended, or are not of the service', async () => {
    const others = [
      pod('terminating', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('finished', { phase: 'Succeeded' }),
      pod('evicted', { phase: 'Failed', reason: 'Evicted' }), // stays in the list until there are thousands
      pod('loadtest-1', {}, { labels: { 'app.kubernetes.io/name': 'loadtest' } }),
      pod('unlabelled', {}, { labels: {} }),
    ]
    const found = await status({ [DEPLOYMENT]: deployment(1), [PODS]: { items: [...others, pod('a')] } })
    expect(found?.parts.map(({ name }) => name)).toEqual(['a'])
  })
})

describe('a pod', () => {
  test('that is not ready, for no given reason, is starting', async () => {
    expect(await partOf(pod('a', notReady))).toMatchObject({ state: 'starting' })
    expect(await partOf(pod('a', waiting('ContainerCreating')))).toMatchObject({ state: 'starting' })
    expect(await partOf({ ...pod('a'), status: { phase: 'Pending' } })).toMatchObject({ state: 'starting' })
  })

  test.each([
    ['ErrImagePull: no such host', waiting('ErrImagePull', 'no such host')],
    ['CrashLoopBackOff: back-off 10s', waiting('CrashLoopBackOff', 'back-off 10s')],
    ['0/1 nodes: cpu', { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes: cpu' }] }],
  ])('that cannot run is unhealthy, with the reason: %s', async (why, status) => {
    expect(whyNotRunning(pod('a', status))).toBe(why)
    expect(await partOf(pod('a', status))).toMatchObject({ state: 'unhealthy', details: why })
  })

  test('has the number of restarts of its containers, and how the last one ended', async () => {
    const lastState = { terminated: { reason: 'OOMKilled', exitCode: 137 } }
    const containerStatuses = [
      { ...container, restartCount: 2 },
      { ...container, restartCount: 1, lastState },
    ]
    expect(await partOf(pod('a', { containerStatuses }))).toMatchObject({
      state: 'healthy',
      restarts: 3,
      lastEnd: 'ended with exit code 137 (OOMKilled)',
    })
  })

  test('is ready by its condition Ready alone', () => {
    expect(isReady(pod('a'))).toBe(true)
    expect(isReady(pod('a', { conditions: [{ type: 'Initialized', status: 'True' }] }))).toBe(false)
    expect(isReady(pod('a', notReady))).toBe(false)
  })
})
