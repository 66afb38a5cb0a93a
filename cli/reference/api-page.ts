import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { Lifecycle } from '../../src/lifecycle.ts'
import { OWN_SERVICE } from '../../src/own-service.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

/** The parts of the OpenAPI document that the page shows. */
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[]
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

interface Schema {
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>
}

/** The OpenAPI document of the service with its faults; nothing listens. */
async function readDocument(): Promise<OpenApiDocument> {
  const log = createLogger('silent')
  const lifecycle = new Lifecycle()
  const metrics = new Metrics()
  await using resources = new AsyncDisposableStack()
  const config = { ...readConfig({}, OWN_SERVICE.settings), faults: true }
  const { modules } = await OWN_SERVICE.start({ config, log, registry: metrics.registry, resources })
  const app = createApp({ config, definition: OWN_SERVICE, lifecycle, log, metrics, modules })
  return (await app.handle(new Request('http://localhost/swagger/json'))).json() as Promise<OpenApiDocument>
}

const parametersOf = ({ parameters = [] }: Operation) =>
  parameters
    .map(({ name, schema: { minimum, maximum } }) => `${inCode(name)}: an integer from ${minimum} to ${maximum}`)
    .join('; ')

const answersOf = ({ responses }: Operation) =>
  Object.entries(responses)
    .map(([status, { description }]) => `${status === 'default' ? 'other' : status}: ${description}`)
    .join(' ')

/** The page of the API: every route of the OpenAPI document with its parameters and answers, and the members of an error. */
export async function apiPage(): Promise<string> {
  const { paths, components } = await readDocument()
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = [...Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '')].map(([tag, routes]) => {
    const rows = routes.map(({ path, method, operation }) => [
      inCode(`${method.toUpperCase()} ${path}`),
      [`${operation.summary}.`, operation.description].filter(Boolean).join(' ').replaceAll('?.', '?'),
      parametersOf(operation),
      answersOf(operation),
    ])
    return `## ${tag}\n\n${markdownTable(['request', 'meaning', 'parameters', 'answers'], rows)}`
  })
  const members = Object.entries(components.schemas.Problem?.properties ?? {})
  const problem = markdownTable(
    ['member', 'meaning'],
    members.map(([name, { description = '' }]) => [inCode(name), description]),
  )
  return markdownPage(
    'API',
    'From the OpenAPI document, which the service serves at `/swagger/json`. The routes of `faults` exist only with `FAULTS=on`. ' +
      '[service.md](../service.md) has what holds for all routes.',
    [...sections, `## Errors\n\nThe members of an \`application/problem+json\` answer:\n\n${problem}`],
  )
}
