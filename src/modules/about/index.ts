import { hostname } from 'node:os'
import { Elysia, t } from 'elysia'
import type { ServiceDefinition } from '../../definition.ts'
import { failure, json } from '../../openapi.ts'

const instance = hostname()

/**
 * `GET /`: name, version, replica and links. `instance` is the host name (on Kubernetes the pod's), by which clients tell
 * replicas apart.
 */
export function about({ name, version, links: own }: Pick<ServiceDefinition, 'name' | 'version' | 'links'>) {
  const links = { ...own, documentation: '/swagger', openapi: '/swagger/json' }
  const Links = t.Object(Object.fromEntries(Object.keys(links).map(link => [link, t.String()])))
  const About = t.Object({ name: t.String(), version: t.String(), instance: t.String(), links: Links })

  return new Elysia({ name: 'about' }).get('/', (): typeof About.static => ({ name, version, instance, links }), {
    detail: {
      tags: ['about'],
      summary: 'Name, version, replica and links',
      responses: { 200: json('Name, version, replica and links.', About), ...failure },
    },
  })
}
