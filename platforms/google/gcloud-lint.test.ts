import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runProgram } from '../../lib/process.ts'
import { FakeProject } from '../../test/google.ts'
import { programs } from '../../test/kubectl.ts'
import { createAll, deleteAll } from './cloud-project.ts'
import { cloudResources, credentials, dockerAccess, enabledApis } from './cloud-resources.ts'
import { openGcloud, shellLine } from './gcloud.ts'
import { readGoogleSettings } from './google-settings.ts'

const ROOT = resolve(import.meta.dir, '../..')
const HAS_GCLOUD = Bun.which('gcloud') !== null
const TIMEOUT_MS = 300_000

interface Verdict {
  readonly command_string: string
  readonly success: boolean
  readonly error_message: string | null
}

/** The errors that gcloud itself finds in commands: unknown flags and values, missing arguments. It needs no account. */
async function lint(commands: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'))
  const file = join(folder, 'commands.json')
  await Bun.write(file, JSON.stringify(commands.map(command => ({ command_string: command }))))
  const env = { ...process.env, CLOUDSDK_CONFIG: folder, CLOUDSDK_CORE_DISABLE_PROMPTS: '1' }
  const out = await runProgram(['gcloud', 'meta', 'lint-gcloud-commands', `--commands-file=${file}`], { env })
  const verdicts = JSON.parse(out) as Verdict[]
  expect(verdicts).toHaveLength(new Set(commands).size)
  return verdicts
    .filter(({ success }) => !success)
    .map(verdict => `${verdict.command_string}: ${verdict.error_message}`)
}

/** All commands of the code: with a budget and a Spot node, and without. */
const ofCode = [{}, { SPOT: '1', BILLING_ACCOUNT: '012345-678901-ABCDEF' }].flatMap(env => {
  const settings = readGoogleSettings({ PROJECT: 'my-project-1', ZONE: 'europe-west1-b', ...env })
  const ofResources = cloudResources(settings).flatMap(({ find, create, remove }) => [find, create, remove?.('NAME')])
  const all = [...ofResources, enabledApis(settings), credentials(settings), dockerAccess(settings)]
  return all.flatMap(args => (args === undefined ? [] : [shellLine(['gcloud', ...args])]))
})

/** The commands of a document, in blocks and in the text; `\` continues a line. */
const ofDocument = (file: string) =>
  [
    ...readFileSync(join(ROOT, file), 'utf8')
      .replace(/\\\n\s*/g, '')
      .matchAll(/(?<=^\s*(?:\$ )?|`)gcloud [a-z][^`\n]*/gm),
  ]
    .map(([command]) => command.trim())
    .filter(command => !command.includes('…'))

const documents = ['*.md', 'docs/**/*.md', 'k8s/*.md', 'helm/*.md'].flatMap(pattern => [
  ...new Bun.Glob(pattern).scanSync(ROOT),
])

describe.skipIf(!HAS_GCLOUD)('gcloud itself accepts', () => {
  test(
    'every command of the code and of the documents',
    async () => {
      expect(ofCode.length).toBeGreaterThan(40)
      const commands = documents.flatMap(ofDocument)
      expect(commands.length).toBeGreaterThan(3)
      expect(await lint([...new Set([...ofCode, ...commands])])).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'no command with a mistake',
    async () => {
      const [create = ''] = ofCode.filter(command => command.includes('clusters create'))
      const wrong = [
        `${create} --spott`,
        create.replace('--release-channel=regular', '--release-channel=regulr'),
        'gcloud container cluster list',
      ]
      expect(await lint(wrong)).toHaveLength(wrong.length)
    },
    TIMEOUT_MS,
  )
})
if (!HAS_GCLOUD) console.warn('SKIPPED: the lint of the gcloud commands, because gcloud is not on PATH')

test('DRY_RUN=1 prints each command that the run would run, and runs none', async () => {
  const settings = readGoogleSettings({ PROJECT: 'my-project-1', ZONE: 'europe-west1-b', DRY_RUN: '1' })
  const project = new FakeProject()
  const { signal } = new AbortController()
  const printed: string[] = []
  const options = { gcloud: openGcloud(line => printed.push(line), true, signal), say: () => {}, signal }
  await createAll(settings, options)
  expect(printed.map(line => line.slice(2))).toEqual(
    await (async () => {
      const fake = { ...options, gcloud: async (args: readonly string[]) => project.run(args) }
      await createAll({ ...settings, dryRun: false }, fake)
      return project.commands.map(args => shellLine(['gcloud', ...args]))
    })(),
  )
  printed.length = 0
  expect(await deleteAll(settings, options, () => Promise.reject(new Error('called')))).toEqual([])
  const deletes = printed.filter(line => / (delete|remove-iam-policy-binding) /.test(line))
  expect(deletes).toHaveLength(cloudResources(settings).filter(({ remove, ofCluster }) => remove && !ofCluster).length)
})

test('each command is printed before it runs, never asks, and fails with the output of gcloud', async () => {
  const said: string[] = []
  const gcloud = openGcloud(line => said.push(line), false, new AbortController().signal)
  const { PATH } = process.env
  process.env.PATH = programs({
    gcloud: '[ "$1" = fail ] && { echo "no permission" >&2; exit 1; }; echo " $1 $CLOUDSDK_CORE_DISABLE_PROMPTS "',
  })
  try {
    expect(await gcloud(['a', '--filter=b AND c'])).toBe('a 1')
    await expect(gcloud(['fail'])).rejects.toThrow(/^gcloud fail … failed \(exit code 1\):\n {2}no permission$/)
  } finally {
    process.env.PATH = PATH
  }
  expect(said).toEqual(["$ gcloud a '--filter=b AND c'", '$ gcloud fail'])
})

test.each([
  [{}, 'PROJECT: "" is not accepted'],
  [{ PROJECT: 'Mine', ZONE: 'europe-west1-b' }, 'PROJECT: "Mine" is not accepted'],
  [{ PROJECT: 'my-project-1' }, 'ZONE: "" is not accepted; it takes a zone of Google Cloud, such as europe-west1-b'],
  [{ PROJECT: 'my-project-1', ZONE: 'europe-west1' }, 'ZONE: "europe-west1" is not accepted'],
  [{ PROJECT: 'my-project-1', ZONE: 'europe-west1-b', SPOT: 'yes' }, 'SPOT: "yes" is not accepted'],
])('%j is refused', (env, message) => {
  expect(() => readGoogleSettings(env)).toThrow(message)
})
