import { type TSchema, t } from 'elysia'
import type { IntegerRange } from './integer.ts'

/** Schema of every error answer (RFC 9457); also for a route's `response`. */
export const PROBLEM_SCHEMA = t.Object({
  type: t.String({ description: 'URI of the kind of error.' }),
  title: t.String({ description: 'The kind of error, for people.' }),
  status: t.Integer({ description: 'The HTTP status.' }),
  detail: t.String({ description: 'What went wrong, and what to do.' }),
  requestId: t.String({ description: 'Id of the request in the logs.' }),
})

const headers = { 'x-request-id': { description: 'The id of the request.', schema: { type: 'string' as const } } }

const answer = (description: string, type: string, schema: object) => ({
  description,
  headers,
  content: { [type]: { schema } },
})

/** Documents an answer with a JSON body. */
export const json = (description: string, schema: TSchema) => answer(description, 'application/json', schema)

/** Documents an error answer. */
export const problem = (description: string) =>
  answer(description, 'application/problem+json', { $ref: '#/components/schemas/Problem' })

/** Documents the answer of every route to an unexpected exception. */
export const failure = { 500: problem('The service failed. The logs have the reason.') }

/** Documents an integer in the path. */
export function integerParameter({ name, minimum, maximum }: IntegerRange, example = minimum) {
  const schema = { type: 'integer' as const, format: 'int64', minimum, maximum }
  return [{ in: 'path', name, required: true, schema, example }]
}
