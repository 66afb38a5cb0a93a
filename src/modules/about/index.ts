import { Elysia, t } from 'elysia'
import { failure, json } from '../../openapi.ts'

const links = { factors: '/factors/{n}', documentation: '/swagger', openapi: '/swagger/json' }

const About = t.Object({
  name: t.String(),
  version: t.String(),
  links: t.Object({ factors: t.String(), documentation: t.String(), openapi: t.String() }),
})

/** `GET /`: what this is and where to go. */
export const about = (name: string, version: string) =>
  new Elysia({ name: 'about' }).get('/', (): typeof About.static => ({ name, version, links }), {
    detail: {
      tags: ['about'],
      summary: 'Name, version and links',
      responses: { 200: json('What this service is.', About), ...failure },
    },
  })
