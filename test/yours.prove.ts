// Runs the commands of docs/yours.md in a copy of this repository, as a reader does: from the rename to the removal of the examples.
import { expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runProgram } from '../lib/process.ts'
import { cacheFolder } from '../tools/install-options.ts'
import { runSteps, stepsOf } from './document.ts'
import { surroundings } from './drill.ts'
import { repositoryCopy } from './renamed.ts'

const DOCUMENT = 'docs/yours.md'
const ROOT = resolve(import.meta.dir, '..')
const TIMEOUT_MS = 20 * 60_000

test(
  'every command of docs/yours.md ends, with the output that it shows',
  async () => {
    const folder = await repositoryCopy()
    // Packages of its own: make installs again after the rename.
    await rm(join(folder, 'node_modules'))
    await runProgram(['cp', '-r', join(ROOT, 'node_modules/.'), join(folder, 'node_modules')])
    const { MAKEFLAGS, MAKEOVERRIDES, ...others } = process.env
    const text = await Bun.file(join(ROOT, DOCUMENT)).text()
    const steps = stepsOf(text)
    const cache = `${/NAME=(\S+)/.exec(text)?.[1]?.toUpperCase().replaceAll('-', '_')}_CACHE` // of the new name
    const env = { ...others, PLATFORM: 'local', [cache]: cacheFolder(process.env) }
    expect(steps.length).toBeGreaterThan(10)
    const { ports } = surroundings(27_010)
    for (const step of steps)
      await runSteps(DOCUMENT, [step], folder, step.command.includes('make drill') ? { ...env, ...ports } : env)
  },
  TIMEOUT_MS,
)
