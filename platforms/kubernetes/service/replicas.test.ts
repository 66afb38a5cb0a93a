import { afterEach, describe, expect, test } from 'bun:test'
import { createServer } from 'node:http'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import { apiOf, clusterOf, DEPLOYMENT, deployment, PODS, pod, serving } from '../../../test/kubectl.ts'

import { scaleTo, untilReady } from './replicas.ts'

const NAME = SERVICE_CONFIG.name

const AUTOSCALERS = `/apis/autoscaling/v2/namespaces/${NAME}/horizontalpodautoscalers`
const hpa = (target: string, bounds: object) => ({
  metadata: { name: `of-${target}` },
  spec: { scaleTargetRef: { name: target }, ...bounds },
})
const notReady = { conditions: [{ type: 'Ready', status: 'False' }] }

let close = () => {}
afterEach(() => close())

/** The Service as seen from this machine: it gives the answers in turn, and counts connections. */
async function service(...answers: (string | number)[]) {
  const requests = { connections: 0, answered: 0 }
  const server = createServer((_, response) => {
    const answer = answers[requests.answered++ % answers.length]
    if (typeof answer === 'number')
      response.writeHead(answer).end('{"instance": "b"}') // an error is no answer of a pod
    else response.end(answer?.startsWith('<') ? answer : JSON.stringify({ instance: answer }))
  })
  server.on('connection', () => requests.connections++)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  close = () => server.close()
  return { origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`, requests }
}

describe('scaling', () => {
  const nobody = () => {
    throw new Error('unexpected')
  }

  test('is refused when an autoscaler sets the number of replicas and would undo it', async () => {
    const api = apiOf(() => ({
      ...serving(pod('a')),
      [AUTOSCALERS]: { items: [hpa('another', { maxReplicas: 9 }), hpa(NAME, { maxReplicas: 5 })] },
    }))
    const { cluster, calls } = clusterOf()
    await expect(scaleTo(cluster, api, 2, undefined, nobody)).rejects.toThrow(
      new UserError(
        `the HorizontalPodAutoscaler of-${NAME} sets the number of replicas (1 to 5) and would undo this; ` +
          `change its bounds, or delete it: kubectl --context kind-fake -n ${NAME} delete hpa of-${NAME}`,
      ),
    )
    expect(calls).toEqual([])
  })

  test('names the minimum of the autoscaler', async () => {
    const bounds = { minReplicas: 2, maxReplicas: 5 }
    const api = apiOf(() => ({ ...serving(pod('a')), [AUTOSCALERS]: { items: [hpa(NAME, bounds)] } }))
    await expect(scaleTo(clusterOf().cluster, api, 2, undefined, nobody)).rejects.toThrow('(2 to 5)')
  })

  test("is not refused for another Deployment's autoscaler, but when the service is not deployed", async () => {
    const api = apiOf(() => ({ [AUTOSCALERS]: { items: [hpa('another', { maxReplicas: 9 })] } }))
    const { cluster, calls } = clusterOf()
    await expect(scaleTo(cluster, api, 2, undefined, nobody)).rejects.toThrow(
      new UserError('the service is not deployed; deploy it with: make deploy'),
    )
    expect(calls).toEqual([])
  })

  test('out waits until every pod is ready, then until each has answered over a connection of its own', async () => {
    const { origin, requests } = await service('a', 'a', 503, 'a', '<html>', 'c', 'b')
    let asked = 0
    const starting = {
      ...serving(pod('a'), pod('b'), pod('c', notReady)),
      [DEPLOYMENT]: deployment(3, { readyReplicas: 2 }),
    }
    const api = apiOf(() => (asked++ < 9 ? starting : serving(pod('a'), pod('b'), pod('c'))))
    const { cluster, calls } = clusterOf()
    await scaleTo(cluster, api, 3, origin, nobody)
    expect(calls.map(({ args }) => args)).toEqual([`-n ${NAME} scale deployment ${NAME} --replicas=3`])
    expect(asked).toBeGreaterThan(9)
    expect(requests).toEqual({ connections: 7, answered: 7 })
  })

  test('in waits until the deleted pods are gone', async () => {
    const { origin } = await service('a')
    let asked = 0
    // the Deployment counts only the pods that stay, long before the others are gone
    const leaving = { ...serving(pod('a'), pod('b')), [DEPLOYMENT]: deployment(1) }
    const api = apiOf(() => (asked++ < 9 ? leaving : serving(pod('a'))))
    await scaleTo(clusterOf().cluster, api, 1, origin, nobody)
    expect(asked).toBeGreaterThan(9)
  })

  test('names the pod that never answers', async () => {
    const { origin } = await service('a', 'c')
    const api = apiOf(() => serving(pod('a'), pod('b'), pod('c'), pod('d')))
    await expect(scaleTo(clusterOf().cluster, api, 4, origin, nobody, { answerSeconds: 0.5 })).rejects.toThrow(
      new UserError(
        'ready pods that did not answer through the Service within 0.5 s: b, d; ' +
          `read their logs: kubectl -n ${NAME} logs POD`,
      ),
    )
  })

  test('sends the requests through the API server when the Service is not reachable from this machine', async () => {
    const paths: string[] = []
    const api = apiOf(
      () => serving(pod('a'), pod('b')),
      async path => {
        paths.push(path)
        if (paths.length === 1) throw new Error('timed out')
        return Response.json({ instance: paths.length === 2 ? 'a' : 'b' })
      },
    )
    await scaleTo(clusterOf().cluster, api, 2, undefined, nobody)
    expect(paths).toEqual(Array(3).fill(`/api/v1/namespaces/${NAME}/services/${NAME}:http/proxy/`))
  })
})

describe('readiness', () => {
  const waiting = [
    { restartCount: 0, lastState: {}, state: { waiting: { reason: 'ErrImagePull', message: 'no host' } } },
  ]
  const pulling = { ...serving(pod('a'), pod('b', { ...notReady, containerStatuses: waiting })) }

  test('that does not come is reported while waiting and at the end, with the reason', async () => {
    const said: string[] = []
    const wait = untilReady(
      apiOf(() => pulling),
      2,
      line => said.push(line),
      undefined,
      { readySeconds: 0.6, progressSeconds: 0.2 },
    )
    await expect(wait).rejects.toThrow(new UserError('1 of 2 pods are ready after 0.6 s; b: ErrImagePull: no host'))
    expect(said[0]).toBe('  1 of 2 pods are ready; b: ErrImagePull: no host')
  })

  test.each([
    ['the controller has not seen the change yet', deployment(2, { observedGeneration: 0 })],
    ['older pods are left', deployment(2, { updatedReplicas: 1 })],
    ['the controller does not count the pods as ready yet', deployment(2, { readyReplicas: 1 })],
    ['there is one more pod, which is not ready', deployment(2), pod('c', notReady)],
  ])('is not reached when %s', async (_, wanted, ...more) => {
    const objects = { [DEPLOYMENT]: wanted, [PODS]: { items: [pod('a'), pod('b'), ...more] } }
    await expect(
      untilReady(
        apiOf(() => objects),
        2,
        () => {},
        undefined,
        { readySeconds: 0.1 },
      ),
    ).rejects.toThrow('after 0.1 s')
  })

  test('without a number is that of as many pods as the Deployment asks for', async () => {
    await untilReady(
      apiOf(() => serving(pod('a'), pod('b'))),
      undefined,
      () => {},
      undefined,
      { readySeconds: 0.1 },
    )
    const short = { ...serving(pod('a'), pod('b')), [DEPLOYMENT]: deployment(3) }
    await expect(
      untilReady(
        apiOf(() => short),
        undefined,
        () => {},
        undefined,
        { readySeconds: 0.1 },
      ),
    ).rejects.toThrow('2 of 3 pods are ready')
  })

  test('is no longer waited for after an abort', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(new UserError('stopped')), 100)
    await expect(
      untilReady(
        apiOf(() => pulling),
        2,
        () => {},
        stop.signal,
      ),
    ).rejects.toThrow('stopped')
  })
})
