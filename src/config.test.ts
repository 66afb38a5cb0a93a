import { describe, expect, test } from 'bun:test'
import { ConfigError, describeConfig, readConfig } from './config.ts'

describe('readConfig', () => {
  test('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      metricsPort: 9464,
      reusePort: false,
      faults: false,
      logLevel: 'info',
      readinessDelaySeconds: 5,
      drainTimeoutSeconds: 20,
    })
  })

  test('reads every variable', () => {
    const env = {
      HOST: '0.0.0.0',
      PORT: '0',
      METRICS_PORT: '1',
      FAULTS: 'on',
      LOG_LEVEL: 'silent',
      READINESS_DELAY_SECONDS: '0.5',
      DRAIN_TIMEOUT_SECONDS: '600',
    }
    expect(readConfig(env)).toEqual({
      host: '0.0.0.0',
      port: 0,
      metricsPort: 1,
      reusePort: false,
      faults: true,
      logLevel: 'silent',
      readinessDelaySeconds: 0.5,
      drainTimeoutSeconds: 600,
    })
  })

  test('an empty variable counts as unset', () => {
    expect(readConfig({ PORT: '', FAULTS: '' })).toEqual(readConfig({}))
  })

  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['PORT', ' 3000'],
    ['METRICS_PORT', '0x10'],
    ['METRICS_PORT', '3000'],
    ['HOST', 'two words'],
    ['FAULTS', 'yes'],
    ['FAULTS', 'toString'],
    ['LOG_LEVEL', 'INFO'],
    ['READINESS_DELAY_SECONDS', '601'],
    ['READINESS_DELAY_SECONDS', '1.'],
    ['DRAIN_TIMEOUT_SECONDS', 'Infinity'],
  ])('refuses %s=%s in one line that names it', (variable, value) => {
    const read = () => readConfig({ [variable]: value })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(new RegExp(`^${variable}: "${value}" is not accepted; it takes [^\n]+$`))
  })
})

test('describeConfig names every variable and its default', () => {
  const text = describeConfig()
  for (const word of ['HOST', 'PORT', '3000', 'METRICS_PORT', '9464', 'FAULTS', 'LOG_LEVEL', 'SECONDS'])
    expect(text).toContain(word)
})
