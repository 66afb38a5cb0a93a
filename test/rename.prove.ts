// A renamed copy of this repository passes `make test`, and one of its drills.
import { beforeAll, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { collect, runProgram } from '../lib/process.ts'
import { cacheFolder } from '../tools/install-options.ts'
import { startDrill, surroundings } from './drill.ts'
import { rename, repositoryCopy } from './renamed.ts'

const TEN_MINUTES = 600_000
const MODULES = resolve(import.meta.dir, '../node_modules')

/** Joined here, because a name must not be a word of the repository. */
const NAME = ['or', 'ders'].join('')
const CACHE = { [`${NAME.toUpperCase()}_CACHE`]: cacheFolder(process.env) }

let folder: string
beforeAll(async () => {
  folder = await repositoryCopy()
  const env = { NAME, TITLE: ['Or', 'ders'].join(''), REPOSITORY: `https://github.com/acme/${NAME}` }
  expect(await rename(folder, env)).toMatchObject({ code: 0, err: '' })
  // Packages of its own: make installs again, because package.json is newer than the link of the copy.
  await rm(join(folder, 'node_modules'))
  await runProgram(['cp', '-r', `${MODULES}/.`, join(folder, 'node_modules')])
}, TEN_MINUTES)

test(
  'make test passes',
  async () => {
    const { code, out, err } = await collect(['make', 'test'], { cwd: folder, env: { ...process.env, ...CACHE } })
    const failures = `${out}${err}`.split('\n').filter(line => /^\(fail\)|rror: /.test(line))
    expect({ code, failures }).toEqual({ code: 0, failures: [] })
  },
  TEN_MINUTES,
)

test(
  'a drill passes',
  async () => {
    const place = surroundings(27_010)
    const { code, out } = await startDrill(
      { ...place, root: folder, env: { ...place.env, ...CACHE } },
      'drill',
      'Exceptions',
    ).end()
    expect(out).toContain('1 of 1 alerts passed')
    expect(code).toBe(0)
  },
  TEN_MINUTES,
)
