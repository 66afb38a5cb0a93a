import type { TSchema } from 'elysia'
import type { IntegerRange } from './integer.ts'

const text = (description: string) => ({ type: 'string' as const, description })

/** Schema of every error answer (RFC 9457). */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'requestId'],
  properties: {
    type: text('URI of the kind of error.'),
    title: text('The kind of error, for people.'),
    status: { type: 'integer' as const, description: 'The HTTP status.' },
    detail: text('What went wrong, and what to do.'),
    requestId: text('Id of the request in the logs.'),
  },
}

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
