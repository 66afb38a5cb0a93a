import { describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../service.config.ts'
import { ConfigError, describeConfig, readConfig, requiredSetting, secret, setting, text } from './config.ts'

const { ports } = SERVICE_CONFIG

const URL_KIND = text('a URL with a host', /^\w+:\/\/./)
const OWN = {
  url: secret(requiredSetting('DATABASE_URL', 'address of the database', URL_KIND)),
  shop: setting('SHOP', 'main', 'name of the shop', text('a word', /^\w+$/)),
}

describe('readConfig', () => {
  test('has a default for everything', () => {
    expect(readConfig({}, {})).toEqual({
      host: '127.0.0.1',
      port: ports.api,
      metricsPort: ports.metrics,
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
    expect(readConfig(env, {})).toEqual({
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
    expect(readConfig({ PORT: '', FAULTS: '' }, {})).toEqual(readConfig({}, {}))
  })

  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['PORT', ' 3000'],
    ['METRICS_PORT', '0x10'],
    ['METRICS_PORT', `${ports.api}`],
    ['HOST', 'two words'],
    ['FAULTS', 'yes'],
    ['FAULTS', 'toString'],
    ['LOG_LEVEL', 'INFO'],
    ['READINESS_DELAY_SECONDS', '601'],
    ['READINESS_DELAY_SECONDS', '1.'],
    ['DRAIN_TIMEOUT_SECONDS', 'Infinity'],
  ])('refuses %s=%s in one line that names it', (variable, value) => {
    const read = () => readConfig({ [variable]: value }, {})
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(new RegExp(`^${variable}: "${value}" is not accepted; it takes [^\n]+$`))
  })
})

describe('settings of one service', () => {
  test('are read beside those of every service', () => {
    const config = readConfig({ DATABASE_URL: 'postgres://db', PORT: '0' }, OWN)
    expect(config).toMatchObject({ url: 'postgres://db', shop: 'main', port: 0 })
  })

  test('a required one that is not set is named, and what it takes', () => {
    for (const DATABASE_URL of [undefined, ''])
      expect(() => readConfig({ DATABASE_URL }, OWN)).toThrow(
        new ConfigError('DATABASE_URL is not set; it takes a URL with a host'),
      )
  })

  test('a bad secret is named, and its value is not repeated', () => {
    expect(() => readConfig({ DATABASE_URL: 'user:password@db' }, OWN)).toThrow(
      new ConfigError('DATABASE_URL: the value is not accepted; it takes a URL with a host'),
    )
  })
})

test('describeConfig names every variable and its default', () => {
  const text = describeConfig(OWN)
  for (const word of [
    'HOST',
    'PORT',
    `${ports.api}`,
    'METRICS_PORT',
    `${ports.metrics}`,
    'FAULTS',
    'LOG_LEVEL',
    'SECONDS',
    'SHOP',
    'must be set',
  ])
    expect(text).toContain(word)
})
