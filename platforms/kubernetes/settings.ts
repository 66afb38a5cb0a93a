import { UserError } from '../../lib/user-error.ts'
import { PROFILES, type Profile } from '../../monitoring/profiles.ts'

/** What is deployed, and how. */
export interface Settings {
  /** Of k8s/overlays. */
  readonly overlay: 'local' | 'gke'
  readonly profile: Profile
  /** Whether what watches comes by Helm at all. */
  readonly charts: boolean
  readonly grafana: boolean
  /** Whether k6 runs in the cluster. */
  readonly inCluster: boolean
  /** Where images are pushed, such as `europe-docker.pkg.dev/project/repository`; undefined: what the cluster offers. */
  readonly registry: string | undefined
}

/** The variables of {@link Settings}, and others that only commands on a cluster read. */
export const CLUSTER_VARIABLES = {
  OVERLAY: 'local or gke: of k8s/overlays (default: local on a local context, else gke)',
  PROFILE: 'drill or production: the pace of scrapes and alerts (default: drill on a local context, else production)',
  CHARTS: 'off leaves out all that Helm installs',
  GRAFANA: 'off leaves out Grafana',
  IN_CLUSTER: '1 runs k6 as a Job in the cluster',
  REGISTRY: 'where images are pushed (default: what the cluster advertises or loads by itself)',
  API_URL: 'where the API is reached (default: its load balancer, or its NodePort on 127.0.0.1)',
  KUBE_CONTEXT: 'the context to act on (default: the current one, if it is local)',
  BUN_IMAGE: 'the image that compiles the binary, with which make image compares (default: as in the Dockerfile)',
}

/** Reads the settings; the defaults depend on whether the context is local. Throws a {@link UserError} at a bad value. */
export function readSettings(env: NodeJS.Dict<string>, local: boolean): Settings {
  function choose<T extends string>(variable: string, accepted: readonly T[], byDefault: NoInfer<T>): T {
    const word = env[variable] || byDefault
    const found = accepted.find(value => value === word)
    if (found !== undefined) return found
    throw new UserError(`${variable}: "${word}" is not accepted; it takes ${accepted.join(' or ')}`)
  }
  const names = PROFILES.map(({ name }) => name)
  const name = choose('PROFILE', names, local ? 'drill' : 'production')
  return {
    overlay: choose('OVERLAY', ['local', 'gke'], local ? 'local' : 'gke'),
    profile: PROFILES.find(profile => profile.name === name) as Profile,
    charts: choose('CHARTS', ['on', 'off'], 'on') === 'on',
    grafana: choose('GRAFANA', ['on', 'off'], 'on') === 'on',
    inCluster: choose('IN_CLUSTER', ['0', '1'], '0') === '1',
    registry: env.REGISTRY || undefined,
  }
}
