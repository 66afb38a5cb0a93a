// Runs part 2 of docs/tutorial.md in a copy of the project, as a reader does, with Tilt running.
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { collect, startProgram } from '../lib/process.ts'
import { make } from '../test/make.ts'
import { repositoryCopy } from '../test/renamed.ts'
import { runTutorialStep, tutorialSteps } from '../test/tutorial.ts'
import { until } from '../test/until.ts'
import { CHARTS, env as common, FOLDER, GRAFANA, leaveOut } from './support.ts'

const { PLATFORM, REPORTS, ...env } = common // a reader has not set them
const copy = await repositoryCopy()
let tilt: Bun.Subprocess | undefined

afterAll(async () => {
  tilt?.kill('SIGINT')
  await tilt?.exited
  await make('undeploy', { cwd: copy, env })
}, 180_000)

test('every command of part 2 of the tutorial ends, with the output that it shows', async () => {
  if (!CHARTS) return leaveOut('part 2 of the tutorial', 'no chart can be pulled')
  if (!GRAFANA) leaveOut('the Grafana of part 2 of the tutorial', 'its image cannot be pulled')
  const steps = await tutorialSteps('Part 2')
  const without = GRAFANA ? [] : ['--', '--without-grafana']
  tilt = startProgram(['tilt', 'up', ...without], {
    cwd: copy,
    env,
    output: { log: join(FOLDER, 'tutorial-tilt.log') },
  })
  // As the reader, who waits until Tilt's page is green.
  const resources = [
    SERVICE_CONFIG.name,
    'prometheus',
    'alertmanager',
    'blackbox-exporter',
    ...(GRAFANA ? ['grafana'] : []),
  ]
  const wait = ['tilt', 'wait', '--for=condition=Ready', '--timeout=5s', ...resources.map(name => `uiresource/${name}`)]
  await until(300, 'every resource of Tilt is ready', async () => (await collect(wait, { env })).code === 0)
  for (const step of steps) {
    if (!GRAFANA && step.command === 'make grafana-password') continue
    if (step.command === 'make undeploy') {
      // Tilt starts Prometheus after its targets, so none of them was ever missing.
      expect(await make('alerts', { cwd: copy, env })).not.toContain('TargetMissing')
      tilt.kill('SIGINT')
      await tilt.exited
    }
    await runTutorialStep(step, copy, env)
  }
  expect(steps.length).toBe(9)
}, 900_000)
