import type { TSchema } from 'elysia'
import type { IntegerRange } from './integer.ts'

const text = (description: string) => ({ type: 'string' as const, description })

/** Schema of every error answer (RFC 9457). */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'requestId'],
  properties: {
    type: text('Tells kinds of errors apart: a URI.'),
    title: text('The kind of error, for people.'),
    status: { type: 'integer' as const, description: 'The HTTP status.' },
    detail: text('What went wrong this time and what to do.'),
    requestId: text('The id under which the logs know the request.'),
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

/** Documents the answer that every route can give for reasons of its own making. */
export const failure = { 500: problem('The service failed; the logs know why.') }

/** Documents an integer in the path. */
export function integerParameter({ name, minimum, maximum }: IntegerRange, example = minimum) {
  const schema = { type: 'integer' as const, format: 'int64', minimum, maximum }
  return [{ in: 'path', name, required: true, schema, example }]
}
