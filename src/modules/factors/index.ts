import { Elysia } from 'elysia'
import { integerFromPath } from '../../integer.ts'
import { failure, integerParameter, json, problem } from '../../openapi.ts'
import { Factorisation, N } from './model.ts'
import type { Queue } from './queue.ts'
import { factorise } from './service.ts'

/** `GET /factors/{n}`: the prime factorisation of n, calculated in its turn in the queue. */
export const factors = (queue: Pick<Queue, 'run'>) =>
  new Elysia({ name: 'factors' }).get(
    '/factors/:n',
    async ({ path, request }): Promise<Factorisation> => {
      const n = integerFromPath(path, N)
      const found = await queue.run(() => factorise(n), request.signal)
      return { n, prime: found[0]?.prime === n, factors: found }
    },
    {
      detail: {
        tags: ['factors'],
        summary: 'Factorise an integer',
        description:
          'The prime factorisation of n by trial division: microseconds for small n, 50 ms for the largest primes. Calculations queue in the order of arrival.',
        parameters: integerParameter(N, 360),
        responses: {
          200: json('The factorisation.', Factorisation),
          422: problem('n is not accepted.'),
          ...failure,
        },
      },
    },
  )
