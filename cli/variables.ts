import { CLUSTER_VARIABLES } from '../platforms/kubernetes/settings.ts'
import { LOCAL_VARIABLES } from '../platforms/local/settings.ts'
import { type SCENARIO_VARIABLES, SCENARIOS } from '../platforms/platform.ts'
import { CONFIG_VARIABLES } from '../src/config.ts'

/** Variables by name, and what each is for. */
type Variables = Readonly<Record<string, string>>

const PLATFORM = { PLATFORM: 'local or kubernetes (default: the one that is up, else local)' }
const INSTALL = { TIPPING_POINT_CACHE: 'folder of the programs and charts (default: ~/.cache/tipping-point)' }
const REPORTS = { REPORTS: 'folder of the reports' }
const ONLY = { ONLY: 'name of the one part that is meant' }

const { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS, READINESS_DELAY_SECONDS, ...ADDRESSES } = CONFIG_VARIABLES
/** What replicas read beside the variables that the stack sets for them. */
const REPLICA = { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS } as Variables

const CLUSTER = { ...PLATFORM, ...CLUSTER_VARIABLES, ...INSTALL }
const OWN_STACK = { ...INSTALL, ...LOCAL_VARIABLES, ...REPLICA }
const STACK = { ...OWN_STACK, ...CLUSTER }

const DRILL = {
  ...REPORTS,
  REPLICAS: 'replicas to scale to (default: 3)',
  SEED: 'seed of the inputs (default: 1)',
  KEEP: '1 leaves the stack up that the drill brought up',
}
const LOAD = {
  SCENARIO: SCENARIOS.join(', '),
  RATE: 'requests a second',
  DURATION: 'seconds',
  SEED: 'seed of the inputs (default: 1)',
  TIMEOUT: 'seconds after which a client gives up (default: 2)',
  COST: 'heavy, medium or light: the cost of a calculation',
  CLIENTS: 'virtual users of the scenario capacity (default: 6)',
  KEEP_ALIVE: 'on or off: whether clients keep their connections (default: off)',
  SUMMARY: 'file for the summary as JSON; - prints it',
} satisfies Record<(typeof SCENARIO_VARIABLES)[number], string> & Variables

/** The variables of each target of the Makefile. */
export const VARIABLES: Readonly<Record<string, Variables>> = {
  setup: {},
  programs: { ...INSTALL, PROGRAMS: 'names of the programs (default: all)' },
  grafana: INSTALL,
  demo: { ...OWN_STACK, ...DRILL },
  up: { ...STACK, HELP: '1 prints the variables' },
  down: STACK,
  status: STACK,
  links: STACK,
  load: { ...STACK, ...LOAD },
  scale: { ...STACK, REPLICAS: 'replicas to scale to' },
  fault: { ...STACK, FAULT: 'such as status/503, block/2000 or crash' },
  drill: { ...STACK, ...DRILL, DRILL: 'overload, autoscale, all, daily, or the name of an alert (default: overload)' },
  cluster: CLUSTER,
  'cluster-down': CLUSTER,
  deploy: CLUSTER,
  undeploy: CLUSTER,
  monitoring: { ...CLUSTER, ...ONLY },
  forward: { ...CLUSTER, ...ONLY },
  'grafana-password': CLUSTER,
  image: CLUSTER,
  dev: { FAULTS, LOG_LEVEL, DRAIN_TIMEOUT_SECONDS, ...ADDRESSES } as Variables,
  test: {
    ...INSTALL,
    SEED: 'seed of the malformed requests',
    CHROMIUM: 'path of the browser',
    CI: 'true: skip no test',
  },
  prove: { ...INSTALL, CHROMIUM: 'path of the browser', CI: 'true: skip no test' },
  e2e: { ...CLUSTER, ...REPORTS },
  dashboards: { ...STACK, GRAFANA_URL: 'such as http://admin:PASSWORD@127.0.0.1:3001, after make forward' },
  bench: {
    ...REPORTS,
    ROUNDS: 'rounds of all variants (default: 9)',
    SECONDS: 'of each variant in a round (default: 2)',
  },
  'bench-demo': {
    ...OWN_STACK,
    RUNS: 'runs on the idle machine, and as many on the busy one (default: 10)',
    MACHINE: 'idle, busy or both (default: both)',
  },
  mutate: { ...INSTALL, RULE: 'name of the one rule whose mutants are run' },
  lint: {},
  format: {},
  typecheck: {},
  build: {},
  generate: {},
}

/** Variables for help, a line each. */
export const describeVariables = (variables: Variables): string =>
  Object.entries(variables)
    .map(([name, meaning]) => `  ${name.padEnd(24)} ${meaning}`)
    .join('\n')

/** The largest distance at which a known variable is offered for an unknown one of make's command line. */
const NEAR = 3
/**
 * In the environment only names of so many letters count as a mistyped variable, and only where one edit makes the variable:
 * HOST is no mistyped PORT, and nobody can be asked to unset what others need.
 */
const LEAST_LETTERS = 6

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
  const known = Object.keys(Object.assign({}, ...goals.map(goal => VARIABLES[goal])))
  const everywhere = new Set(Object.values(VARIABLES).flatMap(Object.keys))
  const command = `make ${goals.join(' ')}`
  const unknown = given
    .filter(name => !known.includes(name))
    .map(name => {
      const nearest = nearestOf(name.toUpperCase(), known, NEAR)
      if (nearest !== undefined) return `${name}: ${command} does not read this variable; did you mean ${nearest}?`
      const others = known.length > 0 ? known.join(', ') : 'none'
      return (
        `${name}: ${command} does not read this variable. It reads ${others}. ` +
        `If another program reads it, write it before make: ${name}=… ${command}`
      )
    })
  const misspelt = Object.keys(env).flatMap(name => {
    if (given.includes(name) || everywhere.has(name) || name.length < LEAST_LETTERS) return []
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

function nearestOf(name: string, known: readonly string[], most: number): string | undefined {
  const [nearest] = known
    .map(other => ({ other, edits: editsBetween(name, other) }))
    .filter(({ edits, other }) => edits <= most && edits <= other.length / 2)
    .sort((a, b) => a.edits - b.edits)
  return nearest?.other
}

/** Letters to add, drop, change or swap with a neighbour until one word is the other (optimal string alignment distance). */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const at = (from: number[], k: number) => from[k] ?? Number.POSITIVE_INFINITY
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : changed
      row[j] = Math.min(at(last, j) + 1, at(row, j - 1) + 1, changed, swapped)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}

if (import.meta.main) {
  const words = Bun.argv.slice(2)
  const end = words.indexOf('--')
  const { refused, effective } = judgeVariables(words.slice(0, end), words.slice(end + 1), process.env)
  for (const line of refused) console.error(line)
  if (refused.length > 0) process.exit(2)
  if (effective !== undefined) process.stderr.write(`${effective}\n`)
}
