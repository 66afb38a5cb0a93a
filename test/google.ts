// A Google Cloud project for tests: a gcloud that keeps its resources in memory, or in a file for child processes, and fails
// where it is told to.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../service.config.ts'
import { configOf, fakeCluster, pod, programs, SERVICE, serving } from './kubectl.ts'

/** A resource: its fields by the path that `--filter` and `--format` name. */
type Fields = Readonly<Record<string, string>>

const KINDS = [
  'accounts',
  'roles',
  'repositories',
  'clusters',
  'budgets',
  'forwarding-rules',
  'addresses',
  'disks',
] as const
type Kind = (typeof KINDS)[number]

interface ProjectState {
  apis: string[]
  resources: Record<Kind, Fields[]>
  /** Number of commands so far. */
  calls: number
  /** Fails in this command, counted from 1: before it has an effect, or after. */
  failure?: { readonly at: number; readonly when: 'before' | 'after' }
}

/** Resources of others in the same project, which no command may touch. */
const OTHERS: Partial<Record<Kind, Fields[]>> = {
  repositories: [{ name: 'projects/p/locations/r/repositories/others', 'labels.app': 'others' }],
  clusters: [{ name: 'others', status: 'RUNNING', 'resourceLabels.app': 'others' }],
  'forwarding-rules': [{ name: 'others', description: '{"kubernetes.io/service-name":"others/others"}' }],
  disks: [{ name: 'gke-others-default-pool-1', 'labels.goog-k8s-cluster-name': 'others' }],
}

/** APIs of the commands whose first words these are. A command of an API that is not enabled fails. */
const APIS: Readonly<Record<string, string>> = {
  'billing budgets': 'billingbudgets.googleapis.com',
  'iam service-accounts': 'iam.googleapis.com',
  'artifacts repositories': 'artifactregistry.googleapis.com',
  'container clusters': 'container.googleapis.com',
  'compute forwarding-rules': 'compute.googleapis.com',
  'compute addresses': 'compute.googleapis.com',
  'compute disks': 'compute.googleapis.com',
}

/** The link of a resource of Compute Engine. */
const linkOf = (kind: string, name: string) =>
  `https://www.googleapis.com/compute/v1/projects/my-project-1/${kind}/${name}`

const basename = (path: string) => path.split('/').at(-1) as string

export class FakeProject {
  readonly commands: string[][] = []
  state: ProjectState = {
    apis: [],
    resources: Object.fromEntries(KINDS.map(kind => [kind, [...(OTHERS[kind] ?? [])]])) as ProjectState['resources'],
    calls: 0,
  }

  /** Names of the resources of ours, with their kinds. */
  ours(): string[] {
    const { resources } = this.state
    const strangers = Object.values(OTHERS).flat()
    return KINDS.flatMap(kind =>
      resources[kind]
        .filter(each => !strangers.some(({ name }) => name === each.name))
        .map(({ name }) => `${kind} ${basename(name as string)}`),
    )
  }

  /** Makes the command with this number, counted from the next, fail. */
  failAt(at: number, when: 'before' | 'after'): void {
    this.state = { ...this.state, failure: { at: this.state.calls + at, when } }
  }

  /** The cluster gives a Service an address. */
  publish(service: string): void {
    const name = `a${basename(service)}`
    this.state.resources['forwarding-rules'].push({
      name,
      selfLink: linkOf('regions/r/forwardingRules', name),
      description: `{"networking.gke.io/service-name":"${service}"}`,
    })
  }

  /** The cluster takes the addresses of its Services back. */
  release(): void {
    this.#demand('clusters', SERVICE_CONFIG.name)
    this.#drop('forwarding-rules', ({ description }) => !description?.includes('others/'))
  }

  /** Runs a command, and returns what it prints. */
  run(args: readonly string[]): string {
    const { state } = this
    this.commands.push([...args])
    state.calls++
    const failsNow = state.failure?.at === state.calls
    if (failsNow && state.failure?.when === 'before') throw new Error('gcloud: the connection was lost')
    const out = this.#run(args)
    if (failsNow) throw new Error('gcloud: the connection was lost, after the command had reached Google')
    return out
  }

  #run(args: readonly string[]): string {
    const words = args.filter(arg => !arg.startsWith('--'))
    const option = (name: string) => args.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
    const [group, kind, verb = '', name = ''] = words as [string, string, string?, string?]
    const api = APIS[`${group} ${kind}`]
    if (api !== undefined && !this.state.apis.includes(api)) throw new Error(`gcloud: API [${api}] not enabled`)
    const label = option('labels')?.split('=')[1] ?? ''
    switch (`${group} ${kind} ${verb}`) {
      case 'services list ':
        return this.state.apis.join('\n')
      case 'billing budgets create':
        return this.#create('budgets', {
          name: `billingAccounts/b/budgets/1`,
          displayName: option('display-name') ?? '',
        })
      case 'iam service-accounts create':
        return this.#create('accounts', { name, email: `${name}@${option('project')}.iam.gserviceaccount.com` })
      case 'artifacts repositories create':
        return this.#create('repositories', {
          name: `projects/p/locations/r/repositories/${name}`,
          'labels.app': label,
        })
      case 'artifacts repositories add-iam-policy-binding':
        return this.#demand('repositories', name) + this.#demandAccount(option('member'))
      case 'container clusters create':
        this.#demandAccount(`serviceAccount:${option('service-account')}`)
        this.#createDisk(`gke-${name}-default-pool-1`, name)
        return this.#create('clusters', { name, status: 'RUNNING', 'resourceLabels.app': label })
      case 'container clusters delete':
        this.#drop('disks', disk => disk['labels.goog-k8s-cluster-name'] === name)
        return this.#delete('clusters', name)
      case 'container clusters get-credentials':
        return this.#demand('clusters', name)
    }
    const kinds: Record<string, Kind> = { 'service-accounts': 'accounts' }
    if (`${kind} ${verb}` === 'service-accounts delete') this.#renameRoles(`serviceAccount:${name}`)
    if (verb === 'list') return this.#list(kinds[kind] ?? (kind as Kind), option)
    if (verb === 'delete') return this.#delete(kinds[kind] ?? (kind as Kind), name)
    if (group === 'services') this.state.apis.push(...words.slice(2))
    if (group === 'services') return ''
    if (group === 'auth') return ''
    if (group === 'projects') return this.#projects(kind, option)
    throw new Error(`gcloud: the fake does not know ${args.join(' ')}`)
  }

  #projects(command: string, option: (name: string) => string | undefined): string {
    const role = {
      name: option('role') ?? '',
      'bindings.role': option('role') ?? '',
      'bindings.members': option('member') ?? '',
    }
    if (command === 'get-iam-policy') return this.#list('roles', option)
    if (command === 'remove-iam-policy-binding') return this.#delete('roles', role.name)
    return this.#demandAccount(option('member')) + this.#create('roles', role)
  }

  /** A role stays when its account is deleted, and the account has another name in it. */
  #renameRoles(member: string): void {
    const { resources } = this.state
    resources.roles = resources.roles.map(role =>
      role['bindings.members'] === member ? { ...role, 'bindings.members': `deleted:${member}` } : role,
    )
  }

  /** The values that `--format=value(…)` names, of the resources that `--filter` selects. */
  #list(kind: Kind, option: (name: string) => string | undefined): string {
    const alternatives = (option('filter') ?? '').split(' OR ').map(alternative => alternative.split(' AND '))
    const holds = (resource: Fields, term: string) => {
      const [, path = '', operator, value = ''] = /^([\w.-]+)([=~])(.*)$/.exec(term) ?? []
      const field = resource[path]
      return field !== undefined && (operator === '=' ? field === value : new RegExp(value).test(field))
    }
    const isSelected = (resource: Fields) => alternatives.some(terms => terms.every(term => holds(resource, term)))
    const [, path = '', last] = /^value\(([\w.]+?)(\.basename\(\))?\)$/.exec(option('format') ?? '') ?? []
    const values = this.state.resources[kind].filter(isSelected).map(resource => resource[path] as string)
    return values.map(value => (last ? basename(value) : value)).join('\n')
  }

  #create(kind: Kind, fields: Fields): string {
    const list = this.state.resources[kind]
    if (list.some(({ name }) => name === fields.name)) throw new Error(`gcloud: ${fields.name} already exists`)
    list.push(fields)
    return ''
  }

  #createDisk(name: string, cluster: string): void {
    const selfLink = linkOf('zones/z/disks', name)
    this.#create('disks', { name, selfLink, 'labels.goog-k8s-cluster-name': cluster })
  }

  #delete(kind: Kind, name: string): string {
    this.#demand(kind, name)
    this.#drop(kind, each => basename(each.name as string) === basename(name) || each.email === name)
    return ''
  }

  #drop(kind: Kind, isGone: (fields: Fields) => boolean): void {
    this.state.resources[kind] = this.state.resources[kind].filter(each => !isGone(each))
  }

  #demand(kind: Kind, name: string): string {
    const isIt = (each: Fields) => basename(each.name as string) === basename(name) || each.email === name
    if (this.state.resources[kind].some(isIt)) return ''
    throw new Error(`gcloud: NOT_FOUND: ${kind} ${name}`)
  }

  #demandAccount(member = ''): string {
    if (this.state.resources.accounts.some(({ email }) => `serviceAccount:${email}` === member)) return ''
    throw new Error(`gcloud: Service account ${member} does not exist`)
  }
}

/** The project of a file. */
function projectOf(file: string): FakeProject {
  const project = new FakeProject()
  if (existsSync(file)) project.state = JSON.parse(readFileSync(file, 'utf8'))
  return project
}

/** A project for child processes: the programs that act on it, as shell scripts by name. */
export function googleProject() {
  const file = join(mkdtempSync(join(tmpdir(), 'google-')), 'project.json')
  const fake = `${process.execPath} ${import.meta.path} ${file}`
  const scripts = { gcloud: `exec ${fake} "$@"`, 'gke-gcloud-auth-plugin': 'exit 0' }
  return { scripts, fake, project: () => projectOf(file) }
}

/** A project for child processes, with a kubectl and a docker for a cluster that is not there either. */
export function googlePrograms(context: string) {
  const { scripts, fake, project } = googleProject()
  const service = {
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } },
  }
  const cluster = fakeCluster({
    config: configOf(context),
    objects: { ...serving(pod('a')), [SERVICE]: service },
  })
  const path = programs({
    ...scripts,
    helm: 'exit 0',
    kubectl: `case "$*" in *'apply -f -') ${fake} publish ;; *'delete namespace'*) ${fake} release ;; esac
      PATH=${cluster.path} exec kubectl "$@"`,
    docker: `case "$1" in
      build) while [ "$1" != --iidfile ]; do shift; done; printf 'sha256:0123456789abcdef' > "$2" ;;
    esac`,
  })
  return { path, project, calls: cluster.calls }
}

if (import.meta.main) {
  const [file, ...args] = process.argv.slice(2) as [string, ...string[]]
  const project = projectOf(file)
  try {
    if (args[0] === 'publish') project.publish(`${SERVICE_CONFIG.name}/${SERVICE_CONFIG.name}`)
    else if (args[0] === 'release') project.release()
    else process.stdout.write(project.run(args))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
  writeFileSync(file, JSON.stringify(project.state))
}
