import { expect, test } from 'bun:test'
import type { Cluster } from '../cluster/cluster.ts'
import { isRolledOut, type Pod, type Workload } from '../cluster/workloads.ts'
import { untilRolledOut } from './rollout.ts'

const labels = (name: string) => ({ 'app.kubernetes.io/name': name })

/** A Deployment of one pod. */
const deployment = (name: string, ready: number, more: object = {}) =>
  ({
    kind: 'Deployment',
    metadata: { name, generation: 2 },
    spec: { replicas: 1, selector: { matchLabels: labels(name) } },
    status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: ready, ...more },
  }) as unknown as Workload

const pod = (name: string, waiting: { reason: string; message: string; image: string }) =>
  ({
    metadata: { name: `${name}-1`, labels: labels(name) },
    status: { phase: 'Pending', containerStatuses: [{ state: { waiting }, image: waiting.image }] },
  }) as unknown as Pod

/** A cluster that answers with each of `moments` in turn, then with the last one. */
function cluster(...moments: { workloads: Workload[]; pods: Pod[] }[]): Cluster {
  let moment = -1
  return {
    context: 'fake',
    local: true,
    kubectl: () => Promise.reject(new Error('unexpected')),
    async get<T>(kind: string) {
      if (kind !== 'pods') moment = Math.min(moment + 1, moments.length - 1)
      return { items: moments[moment]?.[kind === 'pods' ? 'pods' : 'workloads'] } as T
    },
  }
}

const wait = async (cluster: Cluster, times = {}) => {
  const said: string[] = []
  const failures = await untilRolledOut(cluster, () => true, { say: line => said.push(line), ...times })
  return { said, failed: failures.map(({ reason }) => reason) }
}

const unpullable = pod('grafana', { reason: 'ErrImagePull', message: 'no such host', image: 'example/grafana:1' })

test('a workload has rolled out when its newest pods are ready and no others are left', () => {
  expect(isRolledOut(deployment('a', 1))).toBeTrue()
  expect(isRolledOut(deployment('a', 0))).toBeFalse()
  expect(isRolledOut(deployment('a', 1, { observedGeneration: 1 }))).toBeFalse()
  expect(isRolledOut(deployment('a', 1, { updatedReplicas: 0 }))).toBeFalse()
  expect(isRolledOut(deployment('a', 1, { replicas: 2 }))).toBeFalse()
  const daemon = (status: object) => ({ ...deployment('a', 0), kind: 'DaemonSet', status }) as unknown as Workload
  const figures = { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2 }
  expect(isRolledOut(daemon({ ...figures, numberReady: 2 }))).toBeTrue()
  expect(isRolledOut(daemon({ ...figures, numberReady: 1 }))).toBeFalse()
  expect(isRolledOut(daemon({}))).toBeFalse()
})

test('an image that cannot be pulled is named at once and given up; the other workloads are waited for', async () => {
  const { said, failed } = await wait(
    cluster(
      { workloads: [deployment('grafana', 0), deployment('prometheus', 0)], pods: [unpullable] },
      { workloads: [deployment('grafana', 0), deployment('prometheus', 0)], pods: [unpullable] },
      { workloads: [deployment('grafana', 0), deployment('prometheus', 1)], pods: [unpullable] },
    ),
    { pullSeconds: 0.5, progressSeconds: 0 },
  )
  expect(said[0]).toStartWith('  grafana cannot pull the image example/grafana:1; let the nodes reach its registry')
  expect(said[1]).toBe('  waiting for grafana (cannot pull the image example/grafana:1), prometheus')
  expect(said.filter(line => line.includes('let the nodes'))).toHaveLength(1)
  expect(failed).toEqual([
    expect.stringMatching(/^not ready after \d+ s: grafana \(cannot pull the image example\/grafana:1\)$/),
  ])
})

test('an image that is pulled after all is no failure', async () => {
  const { failed } = await wait(
    cluster(
      { workloads: [deployment('grafana', 0)], pods: [unpullable] },
      { workloads: [deployment('grafana', 1)], pods: [] },
    ),
    { pullSeconds: 60 },
  )
  expect(failed).toEqual([])
})

test('a workload that is not ready in time is named, with the reason of its pod', async () => {
  const crashing = pod('prometheus', { reason: 'CrashLoopBackOff', message: 'back-off 10s', image: 'any' })
  const { failed } = await wait(cluster({ workloads: [deployment('prometheus', 0)], pods: [crashing] }), {
    timeoutSeconds: 1,
  })
  expect(failed).toEqual([
    expect.stringMatching(/^not ready after \d+ s: prometheus \(CrashLoopBackOff: back-off 10s\)$/),
  ])
})
