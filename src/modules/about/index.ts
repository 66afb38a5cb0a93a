import { hostname } from 'node:os'
import { Elysia, t } from 'elysia'
import { failure, json } from '../../openapi.ts'

const links = { factors: '/factors/{n}', documentation: '/swagger', openapi: '/swagger/json' }

const Links = t.Object({ factors: t.String(), documentation: t.String(), openapi: t.String() })

/** `instance` is the host name (on Kubernetes the pod's), by which clients tell replicas apart. */
const About = t.Object({ name: t.String(), version: t.String(), instance: t.String(), links: Links })

const instance = hostname()

/** `GET /`: name, version, replica and links. */
export const about = (name: string, version: string) =>
  new Elysia({ name: 'about' }).get('/', (): typeof About.static => ({ name, version, instance, links }), {
    detail: {
      tags: ['about'],
      summary: 'Name, version, replica and links',
      responses: { 200: json('Name, version, replica and links.', About), ...failure },
    },
  })
