// The commands of k8s/README.md and helm/README.md, in order, in a copy of the repository, as a reader runs them.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runProgram } from '../lib/process.ts'
import { dashboards } from '../monitoring/dashboards/dashboards.ts'
import { MONITORING_NAMESPACE, NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { archiveOf, ensureChart, OPERATOR, CHARTS as RELEASES } from '../platforms/kubernetes/monitoring/helm-charts.ts'
import { advertisedRegistry } from '../platforms/kubernetes/service/image.ts'
import { runSteps, stepsOf } from '../test/document.ts'
import { repositoryCopy } from '../test/renamed.ts'
import { CHARTS, cluster, env as common, GRAFANA, leaveOut, makeTarget, ROOT, say } from './support.ts'

const HELM = 'helm/README.md'
const REGISTRY = (await advertisedRegistry(cluster)).host
/** Copy of the repository in which the commands run. */
const folder = await repositoryCopy()
const home = mkdtempSync(join(tmpdir(), 'documents-'))
const env: NodeJS.Dict<string> = {
  ...common,
  KUBECONFIG: join(home, 'kubeconfig'), // selects the cluster of these tests, whatever the current context is
  HELM_REPOSITORY_CONFIG: join(home, 'repositories.yaml'), // leaves the user's repositories as they are
  HELM_REPOSITORY_CACHE: join(home, 'repositories'),
}

/** Whether the chart repositories can be reached. */
const ONLINE = await isOnline()
async function isOnline(): Promise<boolean> {
  const init = { method: 'HEAD', signal: AbortSignal.timeout(10_000) }
  const addresses = Object.values(RELEASES).map(({ repository }) => `${repository}/index.yaml`)
  const answers = await Promise.allSettled(addresses.map(address => fetch(address, init)))
  return answers.every(answer => answer.status === 'fulfilled' && answer.value.ok)
}

/** Archive of the operator's chart; undefined when it cannot be pulled. */
const OPERATOR_CHART = CHARTS ? await ensureChart(OPERATOR, { say }).catch(() => undefined) : undefined

const textOf = (document: string) => Bun.file(join(ROOT, document)).text()

/** Without the repositories, the archive CHART-VERSION.tgz of the cache stands in for REPOSITORY/CHART --version VERSION. */
const fromCache = (command: string) =>
  command.replace(
    /[\w-]+-community\/([\w-]+)[ \\\n]+--version ("\$\(.*?\)")/g,
    (_, chart, version) => `${dirname(archiveOf(OPERATOR))}/${chart}-${version}.tgz`,
  )

/**
 * Runs the commands below a heading of a document.
 * @param change returns the command to run in place of one of the document; `undefined` leaves the command out
 */
async function runSection(
  document: string,
  heading: string,
  change: (command: string) => string | undefined = command => command,
): Promise<void> {
  const steps = stepsOf(await textOf(document)).filter(({ headings }) => headings.at(-1) === heading)
  expect(steps).not.toEqual([])
  for (const step of steps) {
    const command = change(step.command)
    if (command === undefined) continue
    await runSteps(document, [{ ...step, command: ONLINE ? command : fromCache(command) }], folder, env)
  }
}

beforeAll(async () => {
  await Bun.write(env.KUBECONFIG ?? '', await cluster.kubectl(['config', 'view', '--raw', '--flatten', '--minify']))
})
afterAll(() => makeTarget('undeploy'), 240_000)

if (REGISTRY === undefined)
  leaveOut('the commands of k8s/README.md', 'this cluster advertises no registry (https://kep.k8s.io/1755)')

test.skipIf(REGISTRY === undefined)(
  'k8s/README.md: the service is deployed by hand, and removed',
  async () => {
    await runSection('k8s/README.md', 'By hand')
    expect(await cluster.get('namespace', NAMESPACE)).toBeUndefined()
  },
  300_000,
)

if (!CHARTS) leaveOut(`the commands of ${HELM} with charts`, 'no chart can be pulled')

describe.skipIf(!CHARTS)(`${HELM}: the charts`, () => {
  test('are installed by hand', async () => {
    if (!ONLINE) leaveOut(`helm repo add of ${HELM}`, 'the repositories of the charts cannot be reached')
    if (!GRAFANA) leaveOut(`the rollout of Grafana of ${HELM}`, 'its image cannot be pulled')
    await runSection(HELM, 'By hand', command => {
      const unable = ONLINE ? false : command.startsWith('helm repo add')
      return unable || (!GRAFANA && command.includes('status deployment grafana')) ? undefined : command
    })
  }, 300_000)

  test('notify receivers whose secrets are in files', async () => {
    const values = /^```yaml\n# alerts\.yaml\n(.*?)^```/ms.exec(await textOf(HELM))?.[1] ?? ''
    await Bun.write(join(folder, 'alerts.yaml'), values)
    await Bun.write(join(folder, 'slack-url'), 'https://hooks.slack.example/services/a')
    await Bun.write(join(folder, 'smtp-password'), 'a password')
    await runSection(HELM, 'Alerts to Slack and by e-mail')
  }, 300_000)

  test('are removed', async () => {
    await runSection(HELM, 'Remove')
    expect(await cluster.get('namespace', MONITORING_NAMESPACE)).toBeUndefined()
  }, 300_000)
})

if (OPERATOR_CHART === undefined) leaveOut('the objects for the operator', 'its chart cannot be pulled')
else leaveOut('the operator', `the charts of ${HELM} are only a dry run of the API server`)

test.skipIf(OPERATOR_CHART === undefined || REGISTRY === undefined)(
  `${HELM}: the API server accepts what the operator reads`,
  async () => {
    const definitions = await runProgram(['helm', 'show', 'crds', OPERATOR_CHART ?? ''])
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: definitions })
    try {
      const dryRun = (command: string) => command.replaceAll('helm upgrade', 'helm upgrade --dry-run=server')
      await runSection(HELM, 'With the operator', dryRun)
    } finally {
      await cluster.kubectl(['delete', '-f', '-'], { stdin: definitions })
    }
  },
  300_000,
)

test(`${HELM}: a Grafana of one's own gets every dashboard`, async () => {
  const imported: string[] = []
  using grafana = Bun.serve({
    port: 0,
    async fetch(request) {
      expect(new URL(request.url).pathname).toBe('/api/dashboards/db')
      expect(request.headers.get('authorization')).toBe('Bearer a-token')
      const { dashboard, overwrite } = (await request.json()) as { dashboard: { uid: string }; overwrite: boolean }
      if (overwrite) imported.push(dashboard.uid)
      return Response.json({ status: 'success' })
    },
  })
  Object.assign(env, { GRAFANA_URL: grafana.url.origin, GRAFANA_TOKEN: 'a-token' })
  await runSection(HELM, 'Dashboards in your own Grafana')
  expect(imported.toSorted()).toEqual([...dashboards.values()].map(({ uid = '' }) => uid).toSorted())
}, 60_000)
