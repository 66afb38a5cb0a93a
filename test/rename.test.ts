// Renames copies of this repository.
import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect, runProgram } from '../lib/process.ts'
import { SERVICE_CONFIG } from '../service.config.ts'
import { rename, repositoryCopy } from './renamed.ts'

setDefaultTimeout(60_000) // for processes on a machine that is busy

/** Joined here, because a name must not be a word of the repository. */
const NAME = ['acme', 'shop'].join('-')
const TITLE = ['The', 'Shop'].join(' ')
const REPOSITORY = `https://github.com/acme/${NAME}`
const { name: oldName, title: oldTitle } = SERVICE_CONFIG

describe('a renamed copy', () => {
  let folder: string
  let out: string
  beforeAll(async () => {
    folder = await repositoryCopy()
    const renamed = await rename(folder, { NAME, TITLE, REPOSITORY, DESCRIPTION: 'Sells.' })
    expect(renamed).toMatchObject({ code: 0, err: '' })
    out = renamed.out
  })
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  /** A name of one word may be a word of prose, of code, and of the examples; a title of one word, too. */
  const isOneWord = !oldName.includes('-')
  const trace = isOneWord
    ? new RegExp(`(?<!examples/)\\b${oldName}\\b`)
    : new RegExp([oldName.split('-').join('[-_ ]?'), ...(oldTitle.includes(' ') ? [oldTitle] : [])].join('|'), 'i')
  const isText = (file: string) => !file.endsWith('.png') && !(isOneWord && /^examples\/|\.ts$/.test(file))

  test('has no trace of the old name, in files or in their names', async () => {
    const files = await runProgram(['git', '-C', folder, 'ls-files', '-co', '--exclude-standard'])
    const present = files.split('\n').filter(file => file && existsSync(join(folder, file)))
    const searched = present.filter(isText)
    expect(searched.filter(file => trace.test(file) || trace.test(read(file)))).toEqual([])
    expect(present).toContain(`helm/generated/dashboards/${NAME}-overview.json`)
  })

  test('has the new names where people and programs read them', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ name: NAME, description: 'Sells.' })
    expect(read('README.md')).toStartWith(`# ${TITLE}\n`)
    expect(read('k8s/base/namespace.yaml')).toContain(`name: ${NAME}\n`)
    expect(read('Makefile')).toContain(`dist/${NAME}\n`)
    const rules = read('monitoring/generated/rules.production.yml').split('\n')
    expect(rules).toContain(`  - name: ${NAME}-service`)
    expect(rules).toContain(`          runbook_url: ${REPOSITORY}/blob/HEAD/monitoring/runbooks/HighLatency.md`)
  })

  test('is told what changed', () => {
    expect(out).toMatch(new RegExp(`^${oldName} → ${NAME}, ${oldTitle} → ${TITLE}: \\d{3,} places in \\d{2,} files\\n`))
    expect(out).toContain('\n  k8s/ ')
    expect(out).toContain(
      `\nhelm/generated/dashboards/${oldName}-slo.json → helm/generated/dashboards/${NAME}-slo.json\n`,
    )
  })

  test('has generated files without drift, right types, and the configuration that its other files have', async () => {
    const run = (...args: string[]) => collect([process.execPath, ...args], { cwd: folder })
    expect(await run('cli/main.ts', 'generate')).toMatchObject({ out: 'All generated files are up to date.\n' })
    expect(await run('x', 'tsc')).toMatchObject({ code: 0, out: '' })
    expect(await run('x', 'biome', 'check', '--error-on-warnings', '.')).toMatchObject({ code: 0 })
    const tests = await run('test', 'test/service-config.test.ts')
    expect(tests).toMatchObject({ code: 0 })
  })

  test('is not renamed while it has changes', async () => {
    const { code, err } = await rename(folder, { NAME: 'third-name' })
    expect(code).toBe(1)
    expect(err).toMatch(/^the repository has changes \(.*\); commit or stash them, so that git can undo the rename\n$/)
  })
})

describe('is refused, and nothing changes:', () => {
  let folder: string
  beforeAll(async () => {
    folder = await repositoryCopy()
  })

  test.each([
    ['no name', { NAME: '' }, /^NAME: "" is not accepted: Kubernetes and DNS take lower-case letters/],
    ['capitals', { NAME: 'Shop' }, /^NAME: "Shop" is not accepted: Kubernetes/],
    ['a digit first', { NAME: '1-shop' }, /^NAME: "1-shop" is not accepted: Kubernetes/],
    ['a dot', { NAME: 'acme.shop' }, /^NAME: "acme\.shop" is not accepted: Kubernetes/],
    ['a hyphen last', { NAME: 'acme-' }, /^NAME: "acme-" is not accepted: Kubernetes/],
    [
      'a long name',
      { NAME: 'a'.repeat(32) },
      /^NAME: "a+" is not accepted: it has 32 characters, and Grafana takes at most 31/,
    ],
    ['a namespace of Kubernetes', { NAME: 'kube-shop' }, /^NAME: "kube-shop" is not accepted: Kubernetes keeps/],
    ['a module of Node.js', { NAME: 'http' }, /^NAME: "http" is not accepted: npm keeps/],
    [
      'the namespace of the monitoring',
      { NAME: 'monitoring' },
      /^NAME: "monitoring" \(Monitoring\) is a word in \d+ files/,
    ],
    [
      'a job of Prometheus',
      { NAME: 'node-exporter' },
      /^NAME: "node-exporter" \(Node Exporter\) is a word in \d+ files/,
    ],
    ['the old name in the new', { NAME: `${oldName}-2` }, /^NAME: ".*" contains the present name/],
    ['a title with a quote', { NAME, TITLE: "Acme's" }, /^TITLE: "Acme's" is not accepted/],
    ['no URL', { NAME, REPOSITORY: 'github.com/acme/shop' }, /^REPOSITORY: "github\.com\/acme\/shop" is not accepted/],
    ['a description with markup', { NAME, DESCRIPTION: 'Sells <b>.' }, /^DESCRIPTION: "Sells <b>\." is not accepted/],
    [
      'what it is called already',
      { NAME: oldName },
      /^the service has this name, title, repository and description already/,
    ],
  ])('%s', async (_, env, message) => {
    const { code, out, err } = await rename(folder, env)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
    expect(await runProgram(['git', '-C', folder, 'status', '--porcelain'])).toBe('')
  })
})
