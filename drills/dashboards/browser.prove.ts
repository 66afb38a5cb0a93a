// Opens every dashboard in a headless browser, in five states of one local stack. Pictures are kept in the reports folder.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { poll } from '../../lib/poll.ts'
import { type Answer, PrometheusClient } from '../../lib/prometheus.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { queriesOf } from '../../monitoring/dashboards/panel-queries.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { selectorsOf } from '../../monitoring/promql.ts'
import { select } from '../../monitoring/rule.ts'
import { grafanaHome } from '../../platforms/local/grafana.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { BACKFILLED, backfill } from '../../test/backfill.ts'
import { browserFor } from '../../test/chromium.ts'
import { lookAtDashboards } from '../../test/dashboard-pages.ts'
import { nothingLeft, surroundings } from '../../test/drill.ts'
import { make as makeTarget, runMake } from '../../test/make.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import { recordSamples } from '../../test/rest.ts'

const what = 'the dashboards in a browser'
const launch = browserFor(what)
const home = grafanaHome(process.env)
if (home === undefined) console.warn(`SKIPPED: ${what}: Grafana is neither on PATH nor in the cache; run make grafana`)

/** Timeout of a state in milliseconds: alerts fire or resolve, and six pages are opened on a busy machine. */
const TIMEOUT = 400_000

const place = surroundings(26_310)
const pictures = resolve(process.env.REPORTS || 'reports', 'dashboards')
const grafana = { origin: `http://127.0.0.1:${place.ports.GRAFANA_PORT}`, headers: {} }
const prometheus = new PrometheusClient(async () => `http://127.0.0.1:${place.ports.PROMETHEUS_PORT}`)

const make = (target: string, variables: Readonly<Record<string, string>> = {}) =>
  makeTarget(target, { env: { ...place.env, ...variables } })

/** Waits until HighLatency fires, or no longer fires. */
async function untilHighLatency(fires: boolean): Promise<void> {
  const isSo = async () => {
    const active = await prometheus.alerts()
    return active.some(({ labels, state }) => labels.alertname === 'HighLatency' && state === 'firing') === fires
  }
  expect(await poll(isSo, { timeoutSeconds: 120, intervalSeconds: 1 })).toBe(true)
}

const expressions = [...dashboards.values()].flatMap(dashboard => queriesOf(dashboard).map(({ expr }) => expr))
const shown = [...new Set(expressions.flatMap(selectorsOf).map(({ metric }) => metric))]

/** Seconds of the samples that are repeated for an hour. */
const REPEATED_SECONDS = 30

/** The series of the stack since its start, without an hour before. */
let series: readonly Answer[]
let removeHour: (() => Promise<unknown>) | undefined

/**
 * Waits until the pages that were opened before are no longer in the rates, and then half a minute. Makes this half minute the hour
 * before the start of the stack, in place of an earlier such hour.
 */
async function pretendAnHour(name: string): Promise<void> {
  await Bun.sleep(1000 * (secondsOf(PROFILE.window) + REPEATED_SECONDS))
  const now = Date.now() / 1000
  series ??= await recordSamples(prometheus, now - 900, now, shown)
  const repeated = await recordSamples(prometheus, now - REPEATED_SECONDS, now, shown)
  await removeHour?.()
  const dataFolder = join(place.folder, '.stack/data/prometheus')
  removeHour = await backfill(dataFolder, {
    name,
    series,
    repeated,
    scrapeIntervalSeconds: secondsOf(PROFILE.scrapeInterval),
  })
  const isRead = async () => (await prometheus.instant(select(BACKFILLED, { name }), now - 1800)).length > 0
  expect(await poll(isRead, { timeoutSeconds: 120, intervalSeconds: 1 })).toBe(true)
}

describe.skipIf(launch === undefined || home === undefined)(what, () => {
  let browser: Browser
  let load: Promise<unknown>

  beforeAll(async () => {
    await make('up', { FAULTS: 'on' })
    browser = await (launch as NonNullable<typeof launch>)()
  }, WITH_INSTALL)
  afterAll(async () => {
    await browser?.close()
    await load
    await runMake('down', { env: place.env })
    await nothingLeft(place)
  }, TIMEOUT)

  const startLoad = (rate: number, seconds: number) => {
    load = runMake('load', { env: { ...place.env, RATE: `${rate}`, DURATION: `${seconds}` } })
  }

  /** Each state, and how the stack comes into it from the state before. */
  const states: Readonly<Record<string, () => Promise<unknown>>> = {
    start: () => Bun.sleep(30_000), // rates need samples
    'hour-of-nothing': () => pretendAnHour('nothing'),
    'healthy-hour': async () => {
      startLoad(10, 240)
      await pretendAnHour('healthy')
    },
    overload: async () => {
      await load
      startLoad(150, 150)
      await make('fault', { FAULT: 'exception' })
      await untilHighLatency(true)
    },
    recovery: async () => {
      await make('scale', { REPLICAS: '3' })
      await load
      await untilHighLatency(false)
    },
  }
  test.each(Object.entries(states))(
    '%s: every panel of every dashboard draws something',
    async (state, begin) => {
      await begin()
      expect(await lookAtDashboards(browser, { grafana, folder: pictures, state })).toEqual({})
    },
    TIMEOUT,
  )
})
