import { swagger } from '@elysiajs/swagger'
import { Elysia } from 'elysia'
import icon from 'swagger-ui-dist/favicon-32x32.png' with { type: 'file' }
import style from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import script from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import type { ServiceDefinition } from '../../definition.ts'
import { PROBLEM_SCHEMA } from '../../openapi.ts'
import { page, SCRIPT } from './page.ts'

/** Swagger UI needs inline styles and data: images. All else must come from the service itself. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"

const license = { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' }
/** TypeBox types `additionalProperties` as possibly undefined, which the document's type refuses. */
const components = { schemas: { Problem: PROBLEM_SCHEMA as object } }
/** Relative to the document, so that "Try it out" works behind a proxy that strips a prefix of the path. */
const servers = [{ url: '..' }]
type Docs = Pick<ServiceDefinition, 'name' | 'version' | 'title' | 'description'>

const HIDDEN = { detail: { hide: true } }

const serve = (body: string | Bun.BunFile, type: string) => () =>
  new Response(body, {
    headers: { 'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
  })

/**
 * `/swagger/json`: the OpenAPI document, by the swagger plugin. `/swagger`: Swagger UI with assets from the package
 * swagger-ui-dist, because the plugin's page loads unpinned assets from a CDN.
 */
export const docs = ({ name, version, title, description }: Docs) =>
  new Elysia({ name: 'docs' })
    .use(
      swagger({
        path: '/swagger',
        documentation: { info: { title: name, version, description, license }, servers, components },
      }),
    )
    .get('/swagger', serve(page(title), 'text/html;charset=utf-8'), HIDDEN) // replaces the plugin's page
    .get('/swagger/page.js', serve(SCRIPT, 'text/javascript;charset=utf-8'), HIDDEN)
    .get('/swagger/swagger-ui-bundle.js', serve(Bun.file(script), 'text/javascript;charset=utf-8'), HIDDEN)
    .get('/swagger/swagger-ui.css', serve(Bun.file(style), 'text/css;charset=utf-8'), HIDDEN)
    .get('/swagger/favicon-32x32.png', serve(Bun.file(icon), 'image/png'), HIDDEN)
