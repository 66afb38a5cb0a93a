import { SERVICE_CONFIG } from '../chosen-service.ts'
import { type SCENARIO_VARIABLES, SCENARIOS } from '../loadtest/scenarios.ts'
import { GOOGLE_VARIABLES } from '../platforms/google/google-settings.ts'
import { CLUSTER_VARIABLES } from '../platforms/kubernetes/cluster-settings.ts'
import { LOCAL_VARIABLES } from '../platforms/local/local-settings.ts'
import { CACHE_VARIABLE } from '../service.config.ts'
import { CONFIG_VARIABLES } from '../src/config.ts'

/** Variables by name, and what each is for. */
type Variables = Readonly<Record<string, string>>

const PLATFORM = { PLATFORM: 'local or kubernetes (default: the one that is up, else local)' }
const CACHE = { [CACHE_VARIABLE]: `folder of programs and charts (default: ~/.cache/${SERVICE_CONFIG.name})` }
const SERVICE = { SERVICE: 'folder of another service to act on, with a service.config.ts (PLATFORM=local only)' }
const REPORTS = { REPORTS: 'folder of the reports (default: reports)' }
const REST = { REST: 'seconds for which a stack at rest is watched for alerts (default: 60)' }
const CHROMIUM = {
  CHROMIUM: 'path of the browser (default: the first one on PATH)',
  CI: 'true: a test that is skipped fails',
}

const { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS, READINESS_DELAY_SECONDS, ...ADDRESSES } = CONFIG_VARIABLES
/** Variables that replicas read, without those that the stack sets for them. */
const REPLICA = { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS } as Variables

const CLUSTER = { ...PLATFORM, ...CLUSTER_VARIABLES, ...CACHE }
const LOCAL = { ...SERVICE, ...LOCAL_VARIABLES, ...REPLICA, ...CACHE }
const STACK = { ...PLATFORM, ...LOCAL, ...CLUSTER }

const { PROJECT, ZONE, DRY_RUN, BILLING_ACCOUNT } = GOOGLE_VARIABLES
const CLOUD = { PROJECT, ZONE, DRY_RUN, ...CLUSTER_VARIABLES, ...CACHE }

const DRILL = {
  REPLICAS: 'number of replicas after scaling (default: 3)',
  SEED: 'seed of the inputs (default: 1)',
  KEEP: '1 leaves the stack up that the drill started',
  ...REPORTS,
}
const LOAD = {
  SCENARIO: `one of ${SCENARIOS.join(', ')} (default: load)`,
  RATE: 'requests per second',
  DURATION: 'seconds',
  SEED: 'seed of the inputs (default: 1)',
  TIMEOUT: 'seconds after which a client gives up (default: 2)',
  COST: 'heavy, medium or light: CPU time of a calculation',
  CLIENTS: `virtual users of the scenario capacity (default: ${SERVICE_CONFIG.load.clients})`,
  KEEP_ALIVE: 'on or off: whether clients reuse connections (default: off)',
  SUMMARY: 'file for the summary as JSON; - prints the summary',
} satisfies Record<(typeof SCENARIO_VARIABLES)[number], string> & Variables

/** The variable of every target. */
const HELP = { HELP: '1 prints the help of the target' }

/** The variables of each target of the Makefile, without {@link HELP}; those that belong to the target alone come first. */
export const VARIABLES: Readonly<Record<string, Variables>> = {
  setup: {},
  programs: { PROGRAMS: 'names of the programs (default: all)', ...CACHE },
  grafana: CACHE,
  demo: { ...DRILL, ...LOCAL },
  up: STACK,
  down: STACK,
  status: STACK,
  links: STACK,
  alerts: { LAST: 'number of deliveries to show (default: 20)', ...STACK },
  load: { ...LOAD, ...STACK },
  scale: { REPLICAS: 'number of replicas', ...STACK },
  fault: { FAULT: 'such as status/503, block/2000 or crash', ...STACK },
  drill: { DRILL: 'name of the drill (default: overload)', ...DRILL, ...STACK },
  cluster: CLUSTER,
  'cluster-down': CLUSTER,
  deploy: CLUSTER,
  undeploy: CLUSTER,
  monitoring: { ONLY: 'name of the one release to install', ...CLUSTER },
  forward: { ONLY: 'name of the one part to forward', ...CLUSTER },
  'cloud-up': GOOGLE_VARIABLES,
  'cloud-deploy': CLOUD,
  'cloud-links': CLOUD,
  'cloud-drill': { DRILL: 'name of the drill (default: overload)', ...DRILL, ...CLOUD },
  'cloud-down': { PROJECT, ZONE, BILLING_ACCOUNT, DRY_RUN },
  'grafana-password': CLUSTER,
  image: {},
  dev: { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS, ...ADDRESSES } as Variables,
  test: { SEED: 'seed of the malformed requests', ...CHROMIUM, ...CACHE },
  prove: { ...REST, ...CHROMIUM, ...CACHE },
  e2e: {
    E2E_PRODUCTION: '1: also run the overload drill in the profile production, for 15 minutes more',
    ...REST,
    ...CLUSTER,
    ...REPORTS,
  },
  dashboards: {
    GRAFANA_URL: `such as http://admin:PASSWORD@127.0.0.1:${SERVICE_CONFIG.ports.grafana}, after make forward`,
    ...STACK,
  },
  bench: {
    ROUNDS: 'number of rounds (default: 9)',
    SECONDS: 'seconds of each variant in a round (default: 2)',
    ...REPORTS,
  },
  'bench-demo': {
    RUNS: 'runs on each machine (default: 10)',
    MACHINE: 'idle, busy or both (default: both)',
    ...LOCAL,
  },
  mutate: { RULE: 'name of the one rule to change', ...CACHE },
  rename: {
    NAME: 'new name, such as shop-api',
    TITLE: 'name for people (default: the words of NAME with capitals)',
    REPOSITORY: 'address of the repository (default: the present one with the new name)',
    DESCRIPTION: 'one sentence (default: the present one)',
  },
  lint: {},
  format: {},
  typecheck: {},
  build: {},
  generate: {},
}

/** Largest number of edits from an unknown variable of make's command line to the variable that is suggested. */
const MAX_EDITS = 3
/**
 * Minimum length of a name in the environment that is refused as misspelt, and only one edit may be missing: HOST is no
 * misspelt PORT, and variables of other programs must not be refused.
 */
const MIN_LENGTH = 6

/**
 * Judges the variables with which make was started.
 * @param goals targets of make
 * @param given names of the variables of make's command line; their values are in `env`
 * @returns a line for each variable that is refused, and one line that names the variables that take effect, if any do
 */
export function judgeVariables(
  goals: readonly string[],
  given: readonly string[],
  env: NodeJS.Dict<string>,
): { refused: string[]; effective: string | undefined } {
  const known = Object.keys(Object.assign({}, ...goals.map(goal => VARIABLES[goal]), HELP))
  const everywhere = new Set(Object.values(VARIABLES).flatMap(Object.keys))
  const command = `make ${goals.join(' ')}`
  const unknown = given
    .filter(name => !known.includes(name))
    .map(name => {
      const nearest = nearestOf(name.toUpperCase(), known, MAX_EDITS)
      if (nearest !== undefined) return `${name}: ${command} does not read this variable; did you mean ${nearest}?`
      return (
        `${name}: ${command} does not read this variable. It reads ${known.join(', ')}. ` +
        `If another program reads it, write it before make: ${name}=… ${command}`
      )
    })
  const misspelt = Object.keys(env).flatMap(name => {
    if (given.includes(name) || everywhere.has(name) || name.length < MIN_LENGTH) return []
    const nearest = nearestOf(name, known, 1)
    return nearest ? [`${name} is in the environment; ${command} reads ${nearest}: rename or unset ${name}`] : []
  })
  const set = known.filter(name => env[name])
  const show = (names: string[]) => names.map(name => `${name}=${shown(env[name] as string)}`).join(' ')
  const ofCommand = show(set.filter(name => given.includes(name)))
  const inherited = show(set.filter(name => !given.includes(name)))
  const parts = [ofCommand, inherited && `(${inherited} from the environment)`].filter(Boolean)
  return {
    refused: [...unknown, ...misspelt],
    effective: parts.length > 0 ? `${goals.join(' ')}: ${parts.join(' ')}` : undefined,
  }
}

/** A value for people to read: in quotes where it has spaces, and without the user and password of a URL. */
function shown(value: string): string {
  const safe = value.replace(/\/\/[^/@\s]*@/g, '//…@')
  return /\s/.test(safe) ? JSON.stringify(safe) : safe
}

/** The first of the known names that the fewest edits make of a name; undefined when each needs more than `most`. */
function nearestOf(name: string, known: readonly string[], most: number): string | undefined {
  for (let edits = 0; edits <= most; edits++) {
    const nearest = known.find(other => edits <= other.length / 2 && isWithin(edits, name, other))
    if (nearest !== undefined) return nearest
  }
  return undefined
}

/** Whether one word becomes the other by at most so many edits: letters added, dropped, changed or swapped with a neighbour. */
function isWithin(edits: number, a: string, b: string): boolean {
  if (a === b) return true
  if (edits === 0) return false
  if (a[0] === b[0]) return isWithin(edits, a.slice(1), b.slice(1))
  const isSwapped = a[0] === b[1] && a[1] === b[0]
  return (
    isWithin(edits - 1, a.slice(1), b) ||
    isWithin(edits - 1, a, b.slice(1)) ||
    isWithin(edits - 1, a.slice(1), b.slice(1)) ||
    (isSwapped && isWithin(edits - 1, a.slice(2), b.slice(2)))
  )
}
