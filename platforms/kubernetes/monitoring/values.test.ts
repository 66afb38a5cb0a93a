import { expect, test } from 'bun:test'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { PRODUCTION, PROFILES, type Profile } from '../../../monitoring/profiles.ts'
import { promtool } from '../../../monitoring/promtool.ts'
import { WITH_INSTALL } from '../../../test/programs.ts'
import { archiveOf, CHARTS, type HelmRelease } from './helm-charts.ts'
import { valuesOf } from './releases.ts'

interface PodSpec {
  readonly automountServiceAccountToken?: boolean
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly securityContext?: SecurityContext
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly { readonly hostPath?: { readonly path: string } }[]
}

interface SecurityContext {
  readonly runAsNonRoot?: boolean
  readonly runAsUser?: number
  readonly seccompProfile?: { readonly type: string }
  readonly privileged?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly capabilities?: { readonly drop?: readonly string[] }
}

interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: string
  readonly securityContext?: SecurityContext
  readonly resources?: {
    readonly requests?: { readonly cpu?: string; readonly memory?: string }
    readonly limits?: { readonly memory?: string }
  }
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly template?: { readonly spec: PodSpec } }
  readonly data?: Readonly<Record<string, string>>
}

/** Pods that may read files of the host, and which: node_exporter reads its figures there. */
const HOST_ACCESS: Readonly<Record<string, readonly string[]>> = { 'prometheus-node-exporter': ['/proc', '/sys', '/'] }

/** Pods with a token of the API server: to discover targets, to list objects, and to read the dashboards' ConfigMaps. */
const TOKENS = ['grafana', 'prometheus-kube-state-metrics', 'prometheus-server']

const RELEASES = Object.keys(CHARTS) as HelmRelease[]

const lacking = [
  ...(Bun.which('helm') === null ? ['helm is not on PATH'] : []),
  ...RELEASES.map(release => archiveOf(CHARTS[release]))
    .filter(file => !existsSync(file))
    .map(file => `${file} is not there`),
]
if (lacking.length > 0)
  console.warn(`SKIPPED: the charts are not rendered with the values of helm/: ${lacking.join('; ')}`)
const withCharts = test.skipIf(lacking.length > 0)

/** What Helm would install. */
async function render(
  release: HelmRelease,
  profile: Profile,
  overlay: 'local' | 'gke-autopilot' = 'local',
): Promise<Manifest[]> {
  const values = valuesOf(release, profile, overlay).flatMap(file => ['--values', file])
  // --kube-version: else helm takes the version that it was built for, which may be none
  const command = [
    'helm',
    'template',
    release,
    archiveOf(CHARTS[release]),
    '-n',
    'monitoring',
    '--kube-version',
    '1.34.0',
  ]
  const text = await runProgram([...command, ...values])
  return (Bun.YAML.parse(text) as (Manifest | null)[]).filter(manifest => manifest !== null)
}

withCharts('every pod has the security context and the resources that it must have', async () => {
  const images: string[] = []
  const tokens: string[] = []
  for (const profile of PROFILES)
    for (const release of RELEASES)
      for (const { metadata, spec } of await render(release, profile)) {
        const pod = spec?.template?.spec
        if (pod === undefined) continue
        const { name } = metadata
        if (pod.automountServiceAccountToken !== false) tokens.push(name)
        expect([name, pod.hostNetwork, pod.hostPID, pod.hostIPC].filter(Boolean)).toEqual([name])
        const hostPaths = (pod.volumes ?? []).flatMap(({ hostPath }) => hostPath?.path ?? [])
        expect([name, ...hostPaths]).toEqual([name, ...(HOST_ACCESS[name] ?? [])])
        for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
          const { requests, limits } = container.resources ?? {}
          const context = { ...pod.securityContext, ...container.securityContext }
          images.push(container.image)
          expect({ name: container.name, policy: container.imagePullPolicy, ...context }).toMatchObject({
            name: container.name,
            policy: 'IfNotPresent',
            runAsNonRoot: true,
            runAsUser: expect.any(Number),
            seccompProfile: { type: 'RuntimeDefault' },
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          })
          expect(context.privileged).not.toBeTrue()
          expect(context.runAsUser).toBeGreaterThan(0)
          expect([container.name, requests?.cpu, requests?.memory, limits?.memory]).not.toContain(undefined)
        }
      }
  expect([...new Set(tokens)].sort()).toEqual(TOKENS)
  expect(new Set(images).size).toBe(7) // Prometheus, Alertmanager, three exporters, Grafana and its sidecar
  for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/)
})

withCharts('on GKE Autopilot, no pod reads its host', async () => {
  const manifests = (await Promise.all(RELEASES.map(release => render(release, PRODUCTION, 'gke-autopilot')))).flat()
  expect(manifests.filter(({ spec }) => spec?.template?.spec?.volumes?.some(({ hostPath }) => hostPath))).toEqual([])
  expect(manifests.length).toBeGreaterThan(10)
})

withCharts('no secret is in what Helm renders', async () => {
  for (const profile of PROFILES)
    for (const release of RELEASES) {
      const manifests = await render(release, profile)
      expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([])
      expect(JSON.stringify(manifests)).not.toMatch(/"(admin_?password|password|api_url|bearer_token)":/i)
    }
})

withCharts(
  'promtool accepts the configuration and the rules',
  async () => {
    for (const profile of PROFILES) {
      const manifests = await render('prometheus', profile)
      const files = manifests.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'prometheus-server',
      )
      const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
      for (const file of ['token', 'ca.crt']) writeFileSync(join(folder, file), '')
      for (const [name, text] of Object.entries(files?.data ?? {})) {
        const here = text.replaceAll(/\/(etc\/config|var\/run\/secrets\/kubernetes\.io\/serviceaccount)/g, folder)
        writeFileSync(join(folder, name), here)
      }
      const { out, err, code } = await promtool(['check', 'config', join(folder, 'prometheus.yml')])
      expect(out + err).toMatch(/SUCCESS: \d\d rules found/)
      expect(out + err).not.toContain('FAILED')
      expect(code).toBe(0)
    }
  },
  WITH_INSTALL,
)
