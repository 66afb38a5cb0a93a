import { hostname } from 'node:os'
import { Elysia, t } from 'elysia'
import { failure, json } from '../../openapi.ts'

const links = { factors: '/factors/{n}', documentation: '/swagger', openapi: '/swagger/json' }

const Links = t.Object({ factors: t.String(), documentation: t.String(), openapi: t.String() })

/** The host's name is the pod's on Kubernetes: it tells replicas behind one address apart. */
const About = t.Object({ name: t.String(), version: t.String(), instance: t.String(), links: Links })

const instance = hostname()

/** `GET /`: what this is, which replica answers, and where to go. */
export const about = (name: string, version: string) =>
  new Elysia({ name: 'about' }).get('/', (): typeof About.static => ({ name, version, instance, links }), {
    detail: {
      tags: ['about'],
      summary: 'Name, version, replica and links',
      responses: { 200: json('What this service is.', About), ...failure },
    },
  })
