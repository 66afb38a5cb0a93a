import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { UserError } from '../../lib/user-error.ts'

import { CPU_LIMIT, demandFree, PID_FILE, PORTS, PORTS_FILE, readLocalSettings } from './local-settings.ts'

test('settings have a default for everything, and each port its variable', () => {
  const { ports, folder } = readLocalSettings({})
  expect(ports).toEqual(
    Object.fromEntries(Object.entries(PORTS).map(([variable, [port]]) => [variable, port])) as never,
  )
  expect(folder).toBe(join(process.cwd(), '.stack'))
  expect(readLocalSettings({ PORT: '4000', STACK_DIR: '/x' })).toMatchObject({
    ports: { PORT: 4000 },
    folder: '/x/.stack',
  })
  for (const port of ['0', '65536', '-1', '80.5', 'http'])
    expect(() => readLocalSettings({ PORT: port })).toThrow(UserError)
})

test('a port that is not set is that of the stack that runs, else the default', () => {
  const env = { STACK_DIR: mkdtempSync(join(tmpdir(), 'settings-')) }
  const { folder, ports } = readLocalSettings(env)
  mkdirSync(folder)
  writeFileSync(join(folder, PORTS_FILE), JSON.stringify({ ...ports, PORT: 3100, METRICS_PORT: 9600 }))
  writeFileSync(join(folder, PID_FILE), `${process.pid}`)
  expect(readLocalSettings(env).ports).toEqual({ ...ports, PORT: 3100, METRICS_PORT: 9600 })
  expect(readLocalSettings({ ...env, PORT: '3200' }).ports).toMatchObject({ PORT: 3200, METRICS_PORT: 9600 })
  writeFileSync(join(folder, PID_FILE), '4194305') // above the largest process id of Linux: the supervisor was killed
  expect(readLocalSettings(env).ports).toEqual(ports)
})

test('every port that is in use is named', async () => {
  const squatter = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const settings = readLocalSettings({ PORT: `${squatter.port}`, METRICS_PORT: '23399' })
  expect(() => demandFree(settings, ['PORT', 'METRICS_PORT'])).toThrow(
    /^PORT: port \d+ of 127.0.0.1 is in use; set PORT to another$/,
  )
  await squatter.stop(true)
  expect(() => demandFree(settings, ['PORT', 'METRICS_PORT'])).not.toThrow()
})

test('a replica has what a pod has', async () => {
  const deployment = await Bun.file(join(import.meta.dir, '../../k8s/base/deployment.yaml')).text()
  const { spec } = Bun.YAML.parse(deployment) as IDeployment
  expect(spec?.template.spec?.containers[0]?.resources?.limits?.cpu).toBe(`${CPU_LIMIT * 1000}m`)
  expect(readLocalSettings({}).cpuLimit).toBe(CPU_LIMIT)
})

test('the limit is a number of cores', () => {
  expect(readLocalSettings({ CPU_LIMIT: '1.5' }).cpuLimit).toBe(1.5)
  for (const limit of ['0', '-1', '5', '300m', 'off'])
    expect(() => readLocalSettings({ CPU_LIMIT: limit })).toThrow(
      `CPU_LIMIT: "${limit}" is not accepted; it takes cores`,
    )
})
