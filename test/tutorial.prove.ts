// Runs the commands of part 1 of docs/tutorial.md in a copy of this repository, on the ports of the document, as a reader does.
// e2e/8-tutorial.ts runs part 2.
import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { treeFolder } from '../tools/install.ts'
import { cacheFolder } from '../tools/install-options.ts'
import { GRAFANA } from '../tools/programs.ts'
import { make } from './make.ts'
import { repositoryCopy } from './renamed.ts'
import { runTutorialStep, TUTORIAL, tutorialSteps } from './tutorial.ts'

const TIMEOUT_MS = 20 * 60_000

test(
  'every command of part 1 of the tutorial ends, with the output that it shows',
  async () => {
    const folder = await repositoryCopy()
    await rm(join(folder, 'node_modules')) // a clone has none
    const steps = await tutorialSteps('Part 1')
    expect(steps.length).toBe(10)
    const hasGrafana = existsSync(treeFolder(GRAFANA, cacheFolder(process.env)))
    if (!hasGrafana) console.warn(`LEFT OUT: make grafana of ${TUTORIAL}: Grafana has not been downloaded`)
    try {
      for (const step of steps) if (hasGrafana || step.command !== 'make grafana') await runTutorialStep(step, folder)
    } finally {
      await make('down', { cwd: folder, env: process.env })
    }
  },
  TIMEOUT_MS,
)
