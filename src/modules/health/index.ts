import { Elysia, t } from 'elysia'
import type { Lifecycle } from '../../lifecycle.ts'
import { json, problem } from '../../openapi.ts'
import { Problem } from '../../problem.ts'

/** The routes of the probes. Probes are not traffic, so they are neither counted nor logged. */
export const PROBE_ROUTES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz'])

const Health = t.Object({ status: t.String({ enum: ['ok'] }) })

/** Answers ok, or 503 with the reason. */
function answer(whyNot?: string): typeof Health.static {
  if (whyNot !== undefined) throw new Problem('not-ready', whyNot)
  return { status: 'ok' }
}

const yes = { 200: json('Yes.', Health) }
const yesOrNo = { ...yes, 503: problem('No. The detail says why.') }

const probe = <Responses>(summary: string, responses: Responses, description: string) => ({
  detail: { tags: ['health'], summary, description, responses },
})
const ALIVE = probe('Is the service alive?', yes, 'As long as its event loop turns, also while starting or draining.')
const READY = probe('Is the service ready?', yesOrNo, 'Except while starting or draining. Load does not change it.')
const STARTED = probe('Has the service started?', yesOrNo, 'From the end of the warm-up on.')

/** The three probes of Kubernetes. */
export const health = (lifecycle: Lifecycle) =>
  new Elysia({ name: 'health' })
    .get('/livez', () => answer(), ALIVE)
    .get('/readyz', () => answer(lifecycle.unready), READY)
    .get('/startupz', () => answer(lifecycle.started ? undefined : 'The service is starting.'), STARTED)
