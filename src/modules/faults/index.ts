import { type AnyElysia, Elysia, t } from 'elysia'
import { integerFromPath } from '../../integer.ts'
import type { Lifecycle } from '../../lifecycle.ts'
import { failure, integerParameter, json, problem } from '../../openapi.ts'
import { crashSoon, createFaults } from './service.ts'

const done = { 200: json('Done.', t.Object({ fault: t.String(), amount: t.Optional(t.Integer()) })) }

// 503 is documented by itself, so that its series exists at zero: a drill asks for 503 in bursts
const status = { 503: problem('The requested status.'), default: problem('The requested status, if not 503.') }

const documented = (summary: string, responses: object, parameters: ReturnType<typeof integerParameter> = []) => ({
  detail: { tags: ['faults'], summary, parameters, responses: { ...responses, ...failure } },
})

/** Faults that make alerts fire. Each is bounded. Mounted only with FAULTS=on. */
export function faults(lifecycle: Lifecycle): AnyElysia {
  const app = new Elysia({ name: 'faults', prefix: '/faults' })

  for (const [fault, { inflict, range, summary }] of Object.entries(createFaults(lifecycle))) {
    const answers = fault === 'status' ? status : done
    app.post(
      `/${fault}/:${range.name}`,
      async ({ path, request }) => {
        const amount = integerFromPath(path, range)
        await inflict(amount, request.signal)
        return { fault, amount }
      },
      documented(summary, { ...answers, 422: problem('The amount is not accepted.') }, integerParameter(range)),
    )
  }

  const exception = () => {
    throw new Error('exception requested by /faults/exception')
  }
  const crash = () => {
    crashSoon()
    return { fault: 'crash' }
  }
  return app
    .post('/exception', exception, documented('Throw an unexpected exception', {}))
    .post('/crash', crash, documented('Crash the process', done))
}
