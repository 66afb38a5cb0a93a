import { describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { apiOf, clusterOf, pod, serving } from '../../../test/kubectl.ts'
import { applyAutoscaler, borrowReplicas, pinReplicas } from './autoscaler.ts'

const NAME = SERVICE_CONFIG.name

const AUTOSCALERS = `/apis/autoscaling/v2/namespaces/${NAME}/horizontalpodautoscalers`

interface Patch {
  readonly metadata?: { readonly annotations: Record<string, string | null> }
  readonly spec?: object
}

/** A cluster with an autoscaler of the service, to which kubectl applies patches. */
function autoscaled(minReplicas: number, maxReplicas: number) {
  let hpa = {
    metadata: { name: 'ours', annotations: {} as Record<string, string | null> },
    spec: { scaleTargetRef: { name: NAME }, minReplicas, maxReplicas },
  }
  const { cluster, calls } = clusterOf(args => {
    if (!args.includes('patch')) return
    expect(args.slice(0, 6)).toEqual(['-n', NAME, 'patch', 'hpa', 'ours', '--type=merge'])
    const { metadata, spec }: Patch = JSON.parse(args.at(-1) as string)
    const annotations = Object.entries({ ...hpa.metadata.annotations, ...metadata?.annotations })
    hpa = {
      metadata: { name: 'ours', annotations: Object.fromEntries(annotations.filter(([, value]) => value !== null)) },
      spec: { ...hpa.spec, ...spec },
    }
    return ''
  })
  const api = apiOf(() => ({ ...serving(pod('a')), [AUTOSCALERS]: { items: [hpa] } }))
  const bounds = () => [hpa.spec.minReplicas, hpa.spec.maxReplicas]
  return { cluster, api, calls, bounds, annotations: () => hpa.metadata.annotations }
}

const withoutAutoscaler = () => ({ ...clusterOf(), api: apiOf(() => serving(pod('a'))) })

describe('an autoscaler', () => {
  test('lends its replicas, and gets its bounds back', async () => {
    const { cluster, api, bounds, annotations } = autoscaled(2, 5)
    const giveBack = await borrowReplicas(cluster, api)
    expect(bounds()).toEqual([2, 5])
    await pinReplicas(cluster, api, 1)
    expect(bounds()).toEqual([1, 1])
    await applyAutoscaler(cluster, api, 3)
    expect(bounds()).toEqual([1, 3])
    await applyAutoscaler(cluster, api, undefined)
    expect(bounds()).toEqual([3, 3]) // AutoscalerAtLimit clears: a fixed number is no limit
    await pinReplicas(cluster, api, 0) // the autoscaler is off while its Deployment has 0 replicas, and refuses a bound of 0
    expect(bounds()).toEqual([3, 3])
    await giveBack()
    expect(bounds()).toEqual([2, 5])
    expect(annotations()).toEqual({})
  })

  test('gets the right bounds back from the next drill, when a drill was killed', async () => {
    const { cluster, api, bounds } = autoscaled(2, 5)
    await borrowReplicas(cluster, api)
    await pinReplicas(cluster, api, 1)
    const giveBack = await borrowReplicas(cluster, api)
    await giveBack()
    expect(bounds()).toEqual([2, 5])
  })

  test('that has not lent its replicas stays as it is', async () => {
    const { cluster, api, calls } = autoscaled(2, 5)
    await expect(pinReplicas(cluster, api, 2)).rejects.toThrow(
      'the HorizontalPodAutoscaler ours sets the number of replicas (2 to 5)',
    )
    expect(calls).toEqual([])
  })
})

describe('without an autoscaler', () => {
  test('nothing is borrowed or pinned', async () => {
    const { cluster, api, calls } = withoutAutoscaler()
    const giveBack = await borrowReplicas(cluster, api)
    await pinReplicas(cluster, api, 3)
    await giveBack()
    expect(calls).toEqual([])
  })

  test('that of the component is applied, with the given maximum', async () => {
    const { cluster, api, calls } = withoutAutoscaler()
    await applyAutoscaler(cluster, api, 4)
    expect(calls.map(({ args }) => args)).toEqual(['apply -f -'])
    expect(JSON.parse(calls[0]?.stdin ?? '')).toMatchObject({
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: NAME, namespace: NAME },
      spec: { scaleTargetRef: { kind: 'Deployment', name: NAME }, minReplicas: 1, maxReplicas: 4 },
    })
  })

  test('it is deleted, whether it exists or not', async () => {
    const { cluster, api, calls } = withoutAutoscaler()
    await applyAutoscaler(cluster, api, undefined)
    expect(calls[0]?.args).toMatch(/^delete -f \S+\/k8s\/components\/hpa\/hpa\.yaml --ignore-not-found$/)
  })
})
