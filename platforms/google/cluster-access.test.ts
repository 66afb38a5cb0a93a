import { afterEach, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programs } from '../../test/kubectl.ts'
import { addContext } from './cluster-access.ts'
import { readGoogleSettings } from './google-settings.ts'

const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})

/** The calls of kubectl and gcloud while the context is added, one a line. */
async function added(currentContext: string, env: Record<string, string> = {}): Promise<string[]> {
  const calls = join(mkdtempSync(join(tmpdir(), 'access-')), 'calls')
  process.env.PATH = programs({
    kubectl: `echo "kubectl $*" >> ${calls}; [ "$2" != current-context ] || ${currentContext}`,
    gcloud: `echo "gcloud $*" >> ${calls}`,
  })
  const settings = readGoogleSettings({ PROJECT: 'my-project-1', ZONE: 'europe-west1-b', ...env })
  await addContext(settings, async args => {
    await Bun.$`gcloud ${args}`.env(process.env).quiet()
    return ''
  })
  return existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
}

const GCLOUD = /^gcloud container clusters get-credentials \S+ --location=europe-west1-b --project=my-project-1$/

test('the current context of kubectl stays what it was, although gcloud changes it', async () => {
  expect(await added('echo kind-a')).toEqual([
    'kubectl config current-context',
    expect.stringMatching(GCLOUD),
    'kubectl config use-context kind-a',
  ])
})

test('without a current context there is none to restore', async () => {
  expect(await added('exit 1')).toEqual(['kubectl config current-context', expect.stringMatching(GCLOUD)])
})
