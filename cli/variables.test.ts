import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { collect } from '../lib/process.ts'
import { CACHE_VARIABLE } from '../service.config.ts'
import { judgeVariables, VARIABLES } from './variables.ts'

const ROOT = resolve(import.meta.dir, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const refused = (goals: string[], given: string[], env: NodeJS.Dict<string> = {}) =>
  judgeVariables(goals, given, { ...Object.fromEntries(given.map(name => [name, '1'])), ...env }).refused

/** Variables that people have in their shells, some one or two edits away from ours. */
const SHELL = `PATH PWD OLDPWD HOME USER LOGNAME SHELL SHLVL TERM TERM_PROGRAM COLORTERM LANG LC_ALL LC_CTYPE LANGUAGE TZ EDITOR
  VISUAL PAGER LESS LS_COLORS HOST HOSTNAME HOSTTYPE MACHTYPE OSTYPE PS1 PS2 PROMPT IFS MAIL DISPLAY WAYLAND_DISPLAY XAUTHORITY
  SSH_AUTH_SOCK SSH_AGENT_PID SSH_CLIENT SSH_CONNECTION SSH_TTY GPG_TTY DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR XDG_SESSION_ID
  XDG_DATA_DIRS XDG_CONFIG_DIRS XDG_CACHE_HOME TMPDIR TMOUT PORTS ROUTE SPEED CODE DATE FAULT_LOG NODE_ENV NODE_OPTIONS
  NVM_DIR GOPATH GOROOT GOPROXY JAVA_HOME VIRTUAL_ENV CONDA_PREFIX PYTHONPATH CARGO_HOME KUBECONFIG DOCKER_HOST AWS_PROFILE
  AWS_REGION GOOGLE_APPLICATION_CREDENTIALS HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY GITHUB_TOKEN GITHUB_ACTIONS RUNNER_OS
  MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS DEBUG VERBOSE PROFILE_NAME COMPOSE_PROFILES PLATFORM_NAME WSL_DISTRO_NAME WSLENV _`
const shell = Object.fromEntries(SHELL.split(/\s+/).map(name => [name, 'x']))

test('every target of the Makefile that runs something has a row', () => {
  const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):.*## /gm)].map(([, target]) => target as string)
  expect(Object.keys(VARIABLES).sort()).toEqual(targets.filter(target => !['help', 'clean'].includes(target)).sort())
})

describe('every command line that is documented is accepted', () => {
  const documents = ['*.md', 'docs/**/*.md', 'helm/*.md', 'k8s/*.md'].flatMap(pattern => [
    ...new Bun.Glob(pattern).scanSync(ROOT),
  ])
  const files = ['Makefile', '.ci/run', ...documents]
  const lines = files
    .flatMap(file => [...read(file).matchAll(/\bmake ((?:[a-z][a-z0-9-]* )+)((?:[A-Z_]+=[^\s`;,)]* ?)+)/g)])
    .map(
      ([, goals, variables]) => [goals?.trim().split(' '), variables?.match(/[A-Z_]+(?==)/g)] as [string[], string[]],
    )
  const helps = [...read('Makefile').matchAll(/^([a-z0-9-]+):.*## .*\((.*)\)/gm)].map(
    ([, goal, text]) => [[goal], text?.match(/\b[A-Z_]+(?==)/g) ?? []] as [string[], string[]],
  )
  expect(lines.length).toBeGreaterThan(10)
  expect(helps.length).toBeGreaterThan(10)
  test.each([...lines, ...helps])('make %j %j', (goals, names) => expect(refused(goals, names)).toEqual([]))
})

test.each([
  ['load', 'SCENARO', 'SCENARIO'],
  ['load', 'RTAE', 'RATE'],
  ['load', 'rate', 'RATE'],
  ['scale', 'REPLICA', 'REPLICAS'],
  ['drill', 'DRIL', 'DRILL'],
  ['fault', 'FAUL', 'FAULT'],
  ['up', 'PROMETHEUSPORT', 'PROMETHEUS_PORT'],
  ['deploy', 'CHART', 'CHARTS'],
  ['forward', 'ONYL', 'ONLY'],
  ['bench', 'ROUND', 'ROUNDS'],
  ['mutate', 'RULES', 'RULE'],
  ['dev', 'PROT', 'PORT'],
])('make %s %s=… is refused, and %s is named', (goal, name, nearest) => {
  expect(refused([goal], [name])).toEqual([
    `${name}: make ${goal} does not read this variable; did you mean ${nearest}?`,
  ])
})

test('where no known variable is near, those that there are are listed; a variable of another target is refused too', () => {
  expect(refused(['mutate'], ['SCENARIO'])).toEqual([
    `SCENARIO: make mutate does not read this variable. It reads RULE, ${CACHE_VARIABLE}, HELP. If another program reads it, ` +
      'write it before make: SCENARIO=… make mutate',
  ])
  expect(refused(['lint'], ['V'])).toEqual([
    'V: make lint does not read this variable. It reads HELP. If another program reads it, write it before make: V=… make lint',
  ])
  expect(refused(['demo'], ['PLATFORM'])).toHaveLength(1) // it runs on this machine alone
  expect(refused(['down', 'load'], ['RATE'])).toEqual([]) // of one of the two
})

describe('in the environment', () => {
  test.each(Object.keys(VARIABLES))('nothing of a usual shell is refused by make %s', goal => {
    expect(refused([goal], [], shell)).toEqual([])
  })

  test('a name that is one edit away from a variable is refused', () => {
    for (const name of ['SCENARO', 'SCENAIRO', 'SCENARIOS', 'SCENARIA'])
      expect(refused(['load'], [], { [name]: 'stress' })).toEqual([
        `${name} is in the environment; make load reads SCENARIO: rename or unset ${name}`,
      ])
    expect(refused(['down'], [], { SCENARO: 'stress' })).toEqual([]) // it is nothing to this target
    expect(refused(['load'], [], { SENARO: 'stress', SEDE: '1' })).toEqual([]) // two edits, and a short one
    expect(refused(['scale'], [], { FAULT: 'crash', REPORTS: 'x' })).toEqual([]) // variables of others
  })
})

test('what takes effect is named, with where it comes from; not what is empty or another target’s', () => {
  const effective = (env: NodeJS.Dict<string>, ...given: string[]) => judgeVariables(['load'], given, env).effective
  const env = { SCENARIO: 'stress', RATE: '20', PORT: '3100', SEED: '', FAULT: 'crash', HOME: '/root' }
  expect(effective(env, 'SCENARIO', 'RATE')).toBe('load: SCENARIO=stress RATE=20 (PORT=3100 from the environment)')
  expect(effective({ PORT: '3100' })).toBe('load: (PORT=3100 from the environment)')
  expect(effective({ SUMMARY: 'a b', API_URL: 'http://user:secret@a.example/' }, 'SUMMARY', 'API_URL')).toBe(
    'load: SUMMARY="a b" API_URL=http://…@a.example/',
  )
  expect(effective({ HOME: '/root' })).toBeUndefined()
})

describe('make', () => {
  const { MAKEFLAGS, MAKEOVERRIDES, PLATFORM, ...others } = process.env
  const env = { ...others, STACK_DIR: mkdtempSync(join(tmpdir(), 'variables-')), PLATFORM: 'local' }
  const make = (words: string[], more: NodeJS.Dict<string> = {}) =>
    collect(['make', '--silent', ...words], { cwd: ROOT, env: { ...env, ...more } })

  test('refuses before anything is done', async () => {
    const { code, out, err } = await make(['links', 'PRT=1', 'GREETING=a b=c'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('PRT: make links does not read this variable; did you mean PORT?\n')
    expect(err).toContain('GREETING: make links does not read this variable. It reads')
  })

  test('says what takes effect in its first line, which is on standard error', async () => {
    const { out, err } = await make(['links', 'PORT=3100'], { GRAFANA_PORT: '3999', SEED: '7' })
    expect(err.split('\n')[0]).toStartWith('links: PORT=3100 (')
    expect(err.split('\n')[0]).toContain('GRAFANA_PORT=3999')
    expect(err).not.toContain('SEED')
    expect(out).toContain('http://127.0.0.1:3100/swagger')
  })
})
