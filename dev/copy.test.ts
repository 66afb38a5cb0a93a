import { expect, setDefaultTimeout, spyOn, test } from 'bun:test'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyChanges } from './copy.ts'

setDefaultTimeout(60_000) // for a machine that is busy

/** Copies from a folder to pods that are folders. `connections` has the process id of each, by pod, oldest first. */
async function startCopying(pods: () => string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'copy-'))
  const source = join(folder, 'src')
  await mkdir(source)
  await Bun.write(join(source, 'old.ts'), 'old')
  copyChanges(
    source,
    async () => pods(),
    (pod, command) => {
      const target = join(folder, pod, 'src')
      const script = 'mkdir -p "$0" && echo $$ >> "$0/../connections" && exec "$@" "$0"'
      return ['sh', '-c', script, target, ...command]
    },
  )
  const read = (...path: string[]) =>
    Bun.file(join(folder, ...path))
      .text()
      .catch(() => '')
  return {
    save: (file: string, content: string) => Bun.write(join(source, file), content),
    /** Waits until a pod has this content. Else the test's own timeout ends it. */
    async has(pod: string, file: string, content: string) {
      while ((await read(pod, 'src', file)) !== content) await Bun.sleep(5)
    },
    async connections(pod: string) {
      return (await read(pod, 'connections')).trim().split('\n').map(Number)
    },
  }
}

test('each change reaches each pod, through one connection that stays open', async () => {
  const { save, has, connections } = await startCopying(() => ['a', 'b', 'c'])
  for (const content of ['1', '2', '3']) {
    await save('modules/new.ts', content)
    await save('old.ts', `old ${content}`)
    for (const pod of ['a', 'b', 'c']) {
      await has(pod, 'modules/new.ts', content)
      await has(pod, 'old.ts', `old ${content}`)
    }
  }
  for (const pod of ['a', 'b', 'c']) expect(await connections(pod)).toHaveLength(1)
})

test('a pod that is new, and one whose connection ended, get the next change', async () => {
  let pods = ['a']
  const { save, has, connections } = await startCopying(() => pods)
  await save('x.ts', '1')
  await has('a', 'x.ts', '1')

  const [connection] = await connections('a')
  process.kill(connection as number)
  pods = ['a', 'b']
  // Until the end is noticed, a copy is lost (and made by Tilt).
  for (let content = 2; (await connections('a')).length < 2; content++) {
    await save('x.ts', `${content}`)
    await Bun.sleep(20)
  }
  await save('x.ts', 'last')
  await has('a', 'x.ts', 'last')
  await has('b', 'x.ts', 'last')
})

test('without an answer of the API server it says who copies, and goes on with the next change', async () => {
  using said = spyOn(console, 'error').mockImplementation(() => {})
  let answers = true
  const { save, has } = await startCopying(() => {
    if (answers) return ['a']
    throw new Error('the API server does not answer')
  })
  await save('x.ts', '1')
  await has('a', 'x.ts', '1')
  answers = false
  await save('x.ts', '2')
  while (said.mock.calls.length === 0) await Bun.sleep(5)
  expect(said).toHaveBeenCalledWith("dev/copy.ts: the API server does not answer; Tilt's live_update copies x.ts")
  answers = true
  await save('x.ts', '3')
  await has('a', 'x.ts', '3')
})
