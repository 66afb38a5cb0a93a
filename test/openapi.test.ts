import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { readConfig } from '../src/config.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { type Service, startService } from '../src/service.ts'
import { createLogger } from '../src/telemetry/logger.ts'

interface Operation {
  readonly summary: string
  readonly operationId: string
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly responses: Record<string, { description: string; content: Record<string, { schema: object }> }>
}

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

let service: Service
let document: Document
beforeAll(async () => {
  service = await startService(
    OWN_SERVICE,
    readConfig({ PORT: '0', METRICS_PORT: '0', FAULTS: 'on', READINESS_DELAY_SECONDS: '0' }, {}),
    createLogger('silent'),
  )
  document = (await (await fetch(`${service.url}/swagger/json`)).json()) as Document
})
afterAll(() => service.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('is valid OpenAPI 3', async () => {
  expect(document.openapi).toStartWith('3.')
  expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true })
})

test('every answer is described, and every error is a problem', () => {
  for (const { operation } of operations()) {
    expect(operation.summary).not.toBe('')
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(description).not.toBe('')
      expect(Object.keys(content)).toEqual([status === '200' ? 'application/json' : 'application/problem+json'])
    }
  }
})

/** Requests that make every route answer with each of its statuses, apart from the crash. */
const asked: [method: string, path: string, template: string, status: number][] = [
  ['get', '/', '/', 200],
  ['get', '/factors/360', '/factors/{n}', 200],
  ['get', '/factors/1', '/factors/{n}', 422],
  ['get', '/livez', '/livez', 200],
  ['get', '/startupz', '/startupz', 200],
  ['post', '/faults/unready/60', '/faults/unready/{seconds}', 200],
  ['get', '/readyz', '/readyz', 503],
  ['post', '/faults/unready/0', '/faults/unready/{seconds}', 200],
  ['get', '/readyz', '/readyz', 200],
  ['post', '/faults/unready/x', '/faults/unready/{seconds}', 422],
  ['post', '/faults/exception', '/faults/exception', 500],
  ['post', '/faults/status/503', '/faults/status/{code}', 503],
  ['post', '/faults/status/200', '/faults/status/{code}', 422],
  ['post', '/faults/delay/1', '/faults/delay/{milliseconds}', 200],
  ['post', '/faults/delay/x', '/faults/delay/{milliseconds}', 422],
  ['post', '/faults/block/1', '/faults/block/{milliseconds}', 200],
  ['post', '/faults/block/x', '/faults/block/{milliseconds}', 422],
  ['post', '/faults/memory/1', '/faults/memory/{mebibytes}', 200],
  ['post', '/faults/memory/0', '/faults/memory/{mebibytes}', 200],
  ['post', '/faults/memory/x', '/faults/memory/{mebibytes}', 422],
]

test('has every route', () => {
  const routes = operations().map(({ path, method }) => `${method} ${path}`)
  const untested = ['post /faults/crash'] // in main.test.ts, where the process may end
  expect(routes.sort()).toEqual(
    [...new Set([...asked.map(([method, , path]) => `${method} ${path}`), ...untested])].sort(),
  )
})

test.each(asked)('%s %s answers as documented', async (method, path, template, status) => {
  const response = await fetch(service.url + path, { method: method.toUpperCase() })
  expect(response.status).toBe(status)
  const responses = document.paths[template]?.[method]?.responses ?? {}
  const documented = responses[status] ?? responses.default
  const type = response.headers.get('content-type')?.split(';')[0] as string
  expect(Object.keys(documented?.content ?? {})).toEqual([type])
  const schema = documented?.content[type]?.schema as { $ref?: string; required?: string[] }
  const required = schema.$ref === undefined ? schema.required : ['type', 'title', 'status', 'detail', 'requestId']
  expect(Object.keys((await response.json()) as object)).toEqual(expect.arrayContaining(required ?? []))
})

test('the parameters document what is accepted', () => {
  expect(document.paths['/faults/delay/{milliseconds}']?.post?.parameters).toEqual([
    {
      in: 'path',
      name: 'milliseconds',
      required: true,
      schema: { type: 'integer', format: 'int64', minimum: 0, maximum: 10_000 },
      example: 0,
    } as never,
  ])
})

test('every documented answer is provoked here, except those that cannot be', () => {
  const provoked = new Set(asked.map(([method, , template, status]) => `${method} ${template} ${status}`))
  const documented = operations().flatMap(({ path, method, operation }) =>
    Object.keys(operation.responses).map(status => `${method} ${path} ${status}`),
  )
  expect(documented.filter(answer => !provoked.has(answer) && !/ (500|default)$/.test(answer))).toEqual([
    'get /startupz 503', // the service listens for an instant before it has warmed up
    'post /faults/crash 200', // tested in main.test.ts, where the process may end
  ])
})
