import { expect, test } from 'bun:test'
import { UserError } from '../../lib/user-error.ts'

import { CLUSTER_VARIABLES, readSettings } from './settings.ts'

const rest = { charts: true, grafana: true, inCluster: false, registry: undefined }

test('on a local context all is for drills, else for production', () => {
  expect(readSettings({}, true)).toEqual({
    overlay: 'local',
    profile: expect.objectContaining({ name: 'drill' }),
    ...rest,
  })
  expect(readSettings({}, false)).toEqual({
    overlay: 'gke',
    profile: expect.objectContaining({ name: 'production' }),
    ...rest,
  })
})

test('every variable decides', () => {
  const env = {
    OVERLAY: 'gke',
    PROFILE: 'production',
    CHARTS: 'off',
    GRAFANA: 'off',
    IN_CLUSTER: '1',
    REGISTRY: 'registry.example/a',
  }
  expect(readSettings(env, true)).toEqual({
    overlay: 'gke',
    profile: expect.objectContaining({ name: 'production' }),
    charts: false,
    grafana: false,
    inCluster: true,
    registry: 'registry.example/a',
  })
  for (const variable of Object.keys(env)) expect(CLUSTER_VARIABLES).toHaveProperty(variable)
})

test('one that is empty is not set, as make leaves it', () => {
  const env = { OVERLAY: '', PROFILE: '', CHARTS: '', GRAFANA: '', IN_CLUSTER: '', REGISTRY: '' }
  expect(readSettings(env, true)).toEqual(readSettings({}, true))
})

test.each([
  ['OVERLAY', 'eks', 'local or gke'],
  ['PROFILE', 'fast', 'production or drill'],
  ['CHARTS', 'no', 'on or off'],
  ['GRAFANA', 'true', 'on or off'],
  ['IN_CLUSTER', 'yes', '0 or 1'],
])('%s=%s is refused, with what it takes', (variable, value, accepted) => {
  expect(() => readSettings({ [variable]: value }, true)).toThrow(
    new UserError(`${variable}: "${value}" is not accepted; it takes ${accepted}`),
  )
})
