import { readChoice } from '../../lib/read-variable.ts'
import { DRILL, PRODUCTION, type Profile } from '../../monitoring/profiles.ts'
import { readRanges } from './service/source-ranges.ts'

/** Folders of k8s/overlays that commands deploy. */
const OVERLAYS = ['local', 'gke', 'gke-autopilot', 'gke-gateway', 'gke-small'] as const

/** What commands deploy to a cluster, by {@link CLUSTER_VARIABLES}. */
export interface ClusterSettings {
  /** Folder of k8s/overlays. */
  readonly overlay: (typeof OVERLAYS)[number]
  readonly profile: Profile
  readonly charts: boolean
  readonly grafana: boolean
  readonly inCluster: boolean
  /** Where images are pushed; undefined: the registry that the cluster advertises, or none. */
  readonly registry: string | undefined
  /** Addresses that may call the load balancer; undefined: those of the overlay. */
  readonly sourceRanges: readonly string[] | undefined
}

/** The variables of {@link ClusterSettings}, and two more that only commands on a cluster read. */
export const CLUSTER_VARIABLES = {
  OVERLAY: `the folder of k8s/overlays to apply: ${OVERLAYS.join(', ')} (default: local on a local context, else gke)`,
  PROFILE: 'timing of scrapes and alerts: drill or production (default: drill on a local context, else production)',
  CHARTS: 'off: install no Helm chart, so no monitoring',
  GRAFANA: 'off: do not install Grafana',
  IN_CLUSTER: '1: run k6 as a Job in the cluster',
  REGISTRY:
    'registry to push images to (default: the one that the cluster advertises, or the nodes of kind or minikube)',
  SOURCE_RANGES: 'IPv4 ranges that may call the load balancer, such as 203.0.113.7/32 (default: those of the overlay)',
  API_URL: "the service's API as seen from this machine (default: its load balancer, or its NodePort on 127.0.0.1)",
  KUBE_CONTEXT: 'context of kubectl to act on (default: the current context, if it is local)',
}

/** Reads the settings. Throws a {@link UserError} that names the variable whose value is not accepted. */
export function readClusterSettings(env: NodeJS.Dict<string>, local: boolean): ClusterSettings {
  const profiles = { production: PRODUCTION, drill: DRILL }
  return {
    overlay: readChoice(env, 'OVERLAY', OVERLAYS, local ? 'local' : 'gke'),
    profile: profiles[readChoice(env, 'PROFILE', ['production', 'drill'], local ? 'drill' : 'production')],
    charts: readChoice(env, 'CHARTS', ['on', 'off'], 'on') === 'on',
    grafana: readChoice(env, 'GRAFANA', ['on', 'off'], 'on') === 'on',
    inCluster: readChoice(env, 'IN_CLUSTER', ['0', '1'], '0') === '1',
    registry: env.REGISTRY || undefined,
    sourceRanges: readRanges(env),
  }
}
