import { clusterCosts, LOAD_BALANCER_COSTS } from './costs.ts'
import type { GoogleSettings } from './google-settings.ts'

/** Something in a Google Cloud project, and the arguments of gcloud that find, create and delete it. */
export interface CloudResource {
  /** For people, with what it is. */
  readonly name: string
  /** Google's API that must be enabled, else the resource cannot exist and cannot be asked for. */
  readonly api?: string
  /** What it costs while it exists. Default: nothing, or cents. */
  readonly costs?: string
  /** Prints one line for each that exists, and nothing when there is none. Default: `create` changes nothing the second time. */
  readonly find?: readonly string[]
  /** Lines of `find` while Google still creates or deletes it. */
  readonly busy?: RegExp
  /** Lines of `find` when it can only be deleted. */
  readonly broken?: RegExp
  /** Default: others make it. */
  readonly create?: readonly string[]
  /** Message of an error of `create` that passes within a minute. */
  readonly passing?: RegExp
  /** Takes a line of `find`. Default: it costs nothing, or is deleted with another. */
  readonly remove?: (found: string) => readonly string[]
  /** Whether it stays as long as another could not be deleted, which could not be found without it. */
  readonly last?: boolean
  /** Whether the cluster makes it and deletes it at its own end, so that it is only shown when it is left. */
  readonly ofCluster?: boolean
}

/** The APIs that are enabled, one a line. */
export const enabledApis = ({ project }: GoogleSettings) =>
  ['services', 'list', '--enabled', `--project=${project}`, '--format=value(config.name)'] as const

/** All that the cloud commands make in a project, in the order in which it is created. */
export function cloudResources(settings: GoogleSettings): readonly CloudResource[] {
  const { billingAccount } = settings
  return [
    apis(settings),
    ...(billingAccount === undefined ? [] : [budget(settings, billingAccount)]),
    ...nodeAccount(settings),
    ...imageRepository(settings),
    cluster(settings),
    ...leftovers(settings),
  ]
}

const API = {
  container: 'container.googleapis.com',
  compute: 'compute.googleapis.com',
  registry: 'artifactregistry.googleapis.com',
  iam: 'iam.googleapis.com',
  budgets: 'billingbudgets.googleapis.com',
} as const

/** Label of what the cloud commands create: they find and delete nothing else that has the same name. */
const LABEL = 'app'

function apis({ project, billingAccount }: GoogleSettings): CloudResource {
  const { budgets, ...others } = API
  const names = billingAccount === undefined ? Object.values(others) : [...Object.values(others), budgets]
  return {
    name: 'the APIs, which cost nothing by themselves',
    create: ['services', 'enable', ...names, `--project=${project}`],
  }
}

/** Mails at 50 and 100 % of the amount, to those who administer the billing account. It limits nothing. */
function budget({ project, budget, name }: GoogleSettings, account: string): CloudResource {
  const where = [`--billing-account=${account}`, `--billing-project=${project}`]
  const displayName = `${name}-${project}`
  const thresholds = ['--threshold-rule=percent=0.5', '--threshold-rule=percent=1.0,basis=forecasted-spend']
  const of = [`--display-name=${displayName}`, `--budget-amount=${budget}`, `--filter-projects=projects/${project}`]
  return {
    name: `the budget ${displayName}`,
    api: API.budgets,
    find: ['billing', 'budgets', 'list', ...where, `--filter=displayName=${displayName}`, '--format=value(name)'],
    create: ['billing', 'budgets', 'create', ...where, ...of, ...thresholds],
    remove: found => ['billing', 'budgets', 'delete', found, `--billing-project=${project}`, '--quiet'],
  }
}

/** Email address of the service account of the nodes. */
const accountOf = ({ name, project }: GoogleSettings) => `${name}-nodes@${project}.iam.gserviceaccount.com`

/** The account of the nodes, with the one role that a node needs. The default account may often edit the whole project. */
function nodeAccount(settings: GoogleSettings): CloudResource[] {
  const { project, name } = settings
  const account = accountOf(settings)
  const role = 'roles/container.defaultNodeServiceAccount'
  const binding = [`--member=serviceAccount:${account}`, `--role=${role}`, '--condition=None']
  const filter = `bindings.role=${role} AND bindings.members=serviceAccount:${account}`
  return [
    {
      name: `the service account ${account}`,
      api: API.iam,
      find: [
        'iam',
        'service-accounts',
        'list',
        `--project=${project}`,
        `--filter=email=${account}`,
        '--format=value(email)',
      ],
      create: ['iam', 'service-accounts', 'create', `${name}-nodes`, `--project=${project}`],
      last: true, // a role of a deleted account has another name
      remove: () => ['iam', 'service-accounts', 'delete', account, `--project=${project}`, '--quiet'],
    },
    {
      name: `the role ${role} of the service account`,
      find: [
        'projects',
        'get-iam-policy',
        project,
        '--flatten=bindings[].members',
        `--filter=${filter}`,
        '--format=value(bindings.role)',
      ],
      create: ['projects', 'add-iam-policy-binding', project, ...binding],
      passing: /does not exist/, // a service account can be named some seconds after it was created
      remove: () => ['projects', 'remove-iam-policy-binding', project, ...binding, '--quiet'],
    },
  ]
}

function imageRepository(settings: GoogleSettings): CloudResource[] {
  const { project, region, name } = settings
  const where = [`--location=${region}`, `--project=${project}`]
  const artifacts = (...words: string[]) => ['artifacts', 'repositories', ...words, ...where]
  return [
    {
      name: `the image repository ${name}`,
      api: API.registry,
      costs: '$0.10 a month for each GB of images above 0.5 GB',
      find: artifacts('list', `--filter=name~/${name}$ AND labels.${LABEL}=${name}`, '--format=value(name.basename())'),
      create: artifacts('create', name, '--repository-format=docker', `--labels=${LABEL}=${name}`),
      remove: () => artifacts('delete', name, '--quiet'),
    },
    {
      name: `the right of the service account to read the images`,
      api: API.registry,
      create: artifacts(
        'add-iam-policy-binding',
        ...[name, `--member=serviceAccount:${accountOf(settings)}`, '--role=roles/artifactregistry.reader'],
      ),
      passing: /does not exist/,
    },
  ]
}

/** One zonal Standard cluster with one node. `--location` takes the zone. */
function cluster(settings: GoogleSettings): CloudResource {
  const { project, zone, name, machine, spot } = settings
  const where = [`--location=${zone}`, `--project=${project}`]
  const clusters = (...words: string[]) => ['container', 'clusters', ...words, ...where]
  const node = [
    '--num-nodes=1',
    `--machine-type=${machine}`,
    ...(spot ? ['--spot'] : []),
    '--disk-size=30GB',
    '--disk-type=pd-standard',
  ]
  return {
    name: `the cluster ${name}`,
    api: API.container,
    costs: clusterCosts(settings),
    find: clusters('list', `--filter=name=${name} AND resourceLabels.${LABEL}=${name}`, '--format=value(status)'),
    busy: /^(PROVISIONING|RECONCILING|STOPPING)$/,
    broken: /^ERROR$/,
    create: clusters(
      'create',
      name,
      ...node,
      '--release-channel=regular',
      '--enable-dataplane-v2', // without it, a Standard cluster ignores NetworkPolicies silently
      `--workload-pool=${project}.svc.id.goog`,
      `--service-account=${accountOf(settings)}`,
      '--no-enable-managed-prometheus', // on by default, and paid by sample
      '--logging=SYSTEM',
      '--monitoring=SYSTEM',
      '--no-enable-insecure-kubelet-readonly-port',
      '--shielded-secure-boot',
      `--labels=${LABEL}=${name}`,
    ),
    remove: () => clusters('delete', name, '--quiet'),
  }
}

/** What a cluster makes for its Services, Gateways and volumes, and deletes with itself at best effort only. */
function leftovers({ project, name }: GoogleSettings): CloudResource[] {
  // The link of a resource says whether it is global, and else in which region or zone.
  const compute = (kind: string, filter: string) => ({
    api: API.compute,
    ofCluster: true,
    find: ['compute', kind, 'list', `--project=${project}`, `--filter=${filter}`, '--format=value(selfLink)'],
    remove: (found: string) => ['compute', kind, 'delete', found, `--project=${project}`, '--quiet'],
  })
  const ofService = `description~${name}/`
  return [
    {
      name: 'a forwarding rule of a load balancer',
      costs: LOAD_BALANCER_COSTS,
      ...compute('forwarding-rules', ofService),
    },
    {
      name: 'a reserved address',
      costs: 'about $0.010 an hour',
      ...compute('addresses', ofService),
    },
    {
      name: 'a disk',
      costs: '$0.04 a month for each GB',
      ...compute('disks', `labels.goog-k8s-cluster-name=${name} OR name~^gke-${name}-`),
    },
  ]
}

/** Gets the credentials of the cluster for kubectl. */
export const credentials = ({ project, zone, name }: GoogleSettings) =>
  ['container', 'clusters', 'get-credentials', name, `--location=${zone}`, `--project=${project}`] as const

/** Lets docker push to the registry. */
export const dockerAccess = ({ region }: GoogleSettings) =>
  ['auth', 'configure-docker', `${region}-docker.pkg.dev`, '--quiet'] as const
