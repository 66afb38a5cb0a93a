import { Elysia, t } from 'elysia'
import type { Lifecycle } from '../../lifecycle.ts'
import { json, problem } from '../../openapi.ts'
import { Problem } from '../../problem.ts'

/** The routes of the probes. They are no traffic, so they are neither counted nor logged. */
export const PROBE_ROUTES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz'])

const Health = t.Object({ status: t.String({ enum: ['ok'] }) })

/** Answers ok, or 503 with the reason why not. */
function answer(whyNot?: string): typeof Health.static {
  if (whyNot !== undefined) throw new Problem('not-ready', whyNot)
  return { status: 'ok' }
}

const yes = { 200: json('Yes.', Health) }
const yesOrNo = { ...yes, 503: problem('No; the detail says why.') }

const probe = <Responses>(summary: string, responses: Responses, description: string) => ({
  detail: { tags: ['health'], summary, description, responses },
})
const ALIVE = probe('Is it alive?', yes, 'As long as the event loop turns, while starting and draining too.')
const READY = probe('Should it get traffic?', yesOrNo, 'Not while starting or draining; load does not make it unready.')
const STARTED = probe('Has it started?', yesOrNo, 'From the moment it has warmed up, for good.')

/** Three probes with three meanings, after Kubernetes'. */
export const health = (lifecycle: Lifecycle) =>
  new Elysia({ name: 'health' })
    .get('/livez', () => answer(), ALIVE)
    .get('/readyz', () => answer(lifecycle.unready), READY)
    .get('/startupz', () => answer(lifecycle.started ? undefined : 'It is still starting.'), STARTED)
