import { expect, test } from 'bun:test'
import { UserError } from '../../lib/user-error.ts'

import { CLUSTER_VARIABLES, readClusterSettings } from './cluster-settings.ts'

const rest = { charts: true, grafana: true, inCluster: false, registry: undefined, sourceRanges: undefined }

test('the defaults are those of drills on a local context, else those of production', () => {
  expect(readClusterSettings({}, true)).toEqual({
    overlay: 'local',
    profile: expect.objectContaining({ name: 'drill' }),
    ...rest,
  })
  expect(readClusterSettings({}, false)).toEqual({
    overlay: 'gke',
    profile: expect.objectContaining({ name: 'production' }),
    ...rest,
  })
})

test('every variable sets its setting', () => {
  const env = {
    OVERLAY: 'gke',
    PROFILE: 'production',
    CHARTS: 'off',
    GRAFANA: 'off',
    IN_CLUSTER: '1',
    REGISTRY: 'registry.example/a',
    SOURCE_RANGES: '203.0.113.7/32,198.51.100.0/24',
  }
  expect(readClusterSettings(env, true)).toEqual({
    overlay: 'gke',
    profile: expect.objectContaining({ name: 'production' }),
    charts: false,
    grafana: false,
    inCluster: true,
    registry: 'registry.example/a',
    sourceRanges: ['203.0.113.7/32', '198.51.100.0/24'],
  })
  for (const variable of Object.keys(env)) expect(CLUSTER_VARIABLES).toHaveProperty(variable)
})

test('an empty variable counts as unset, because make passes it on empty', () => {
  const env = { OVERLAY: '', PROFILE: '', CHARTS: '', GRAFANA: '', IN_CLUSTER: '', REGISTRY: '' }
  expect(readClusterSettings(env, true)).toEqual(readClusterSettings({}, true))
})

test.each([
  ['OVERLAY', 'eks', 'local, gke, gke-autopilot, gke-gateway, gke-small'],
  ['SOURCE_RANGES', '203.0.113.7', 'IPv4 ranges, such as 203.0.113.7/32,198.51.100.0/24'],
  ['PROFILE', 'fast', 'production or drill'],
  ['CHARTS', 'no', 'on or off'],
  ['GRAFANA', 'true', 'on or off'],
  ['IN_CLUSTER', 'yes', '0 or 1'],
])('%s=%s is refused, with the accepted values', (variable, value, accepted) => {
  expect(() => readClusterSettings({ [variable]: value }, true)).toThrow(
    new UserError(`${variable}: "${value}" is not accepted; it takes ${accepted}`),
  )
})
