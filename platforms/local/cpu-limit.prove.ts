import { expect, test } from 'bun:test'
import { join } from 'node:path'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { CPU_LIMIT, readSettings } from './settings.ts'

/** Works as the service does, a piece a turn of the event loop, and then says the share of a core that it had. */
const BUSY = `
  const begin = performance.now()
  const work = () => {
    for (const end = performance.now() + 5; performance.now() < end; );
    const lasted = performance.now() - begin
    const { user, system } = process.cpuUsage()
    if (lasted < 2000) return setImmediate(work)
    console.log((user + system) / 1000 / lasted)
  }
  work()`

async function shareOf(...preload: string[]): Promise<number> {
  const command = [process.execPath, ...preload, '-e', BUSY]
  const child = Bun.spawn(command, { env: { ...process.env, CPU_LIMIT: '0.2' }, stderr: 'inherit' })
  return Number(await child.stdout.text())
}

test('a replica has its share of a core and no more, whatever it has to do', async () => {
  const limited = await shareOf(`--preload=${join(import.meta.dir, 'cpu-limit.ts')}`)
  expect(limited).toBeLessThan(0.25)
  // the control: the same work takes more without the limit, however busy the machine is
  expect(await shareOf()).toBeGreaterThan(1.5 * limited)
})

test('a replica has what a pod has', async () => {
  const deployment = await Bun.file(join(import.meta.dir, '../../k8s/base/deployment.yaml')).text()
  const { spec } = Bun.YAML.parse(deployment) as IDeployment
  expect(spec?.template.spec?.containers[0]?.resources?.limits?.cpu).toBe(`${CPU_LIMIT * 1000}m`)
  expect(readSettings({}).cpuLimit).toBe(CPU_LIMIT)
})

test('the limit is a number of cores', () => {
  expect(readSettings({ CPU_LIMIT: '1.5' }).cpuLimit).toBe(1.5)
  for (const limit of ['0', '-1', '5', '300m', 'off'])
    expect(() => readSettings({ CPU_LIMIT: limit })).toThrow(`CPU_LIMIT: "${limit}" is not accepted; it takes cores`)
})
