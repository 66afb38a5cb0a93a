import { afterEach, expect, spyOn, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../lib/user-error.ts'
import { programs } from '../test/kubectl.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { runK6 } from './k6.ts'
import type { LoadRun } from './platform.ts'

const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})

/** Puts a k6 on PATH that is new enough, and does what a script says. */
function k6(script: string): void {
  const version = `[ "$1" = --version ] && exec echo 'k6 v${PROGRAMS.k6.release.version}'`
  process.env.PATH = programs({ k6: `${version}\n${script}` })
}
const log = () => join(mkdtempSync(join(tmpdir(), 'k6-')), 'k6.log')
const CONFIG = `--config=${join(import.meta.dir, '../loadtest/k6.json')}`
const run: LoadRun = { scenario: 'spike', variables: { RATE: '40' } }
const NOTES = 'echo "$*"; echo "$RATE $TARGET $K6_PROMETHEUS_RW_SERVER_URL $K6_FEATURES"'

test('k6 gets the scenario, its variables and the target; its output is in the log', async () => {
  k6(NOTES)
  const file = log()
  expect(await runK6({ ...run, log: file }, 'http://target.example', undefined)).toEqual({ code: 0 })
  const [args, env] = readFileSync(file, 'utf8').split('\n')
  expect(args).toBe(`run --quiet ${CONFIG} ${join(import.meta.dir, '../loadtest/spike.ts')}`)
  expect(env).toStartWith('40 http://target.example ')
})

test('no K6_ variable of the environment reaches k6, and each is named once', async () => {
  k6('env | grep ^K6_ | sort')
  const file = log()
  const said = spyOn(console, 'error').mockImplementation(() => {})
  Object.assign(process.env, { K6_DURATION: '1s', K6_VUS: '2', K6_FEATURES: 'none' })
  try {
    for (let times = 0; times < 2; times++) await runK6({ ...run, log: file }, 'http://a', 'http://prometheus.example')
    expect(said.mock.calls).toEqual([
      ['K6_DURATION, K6_FEATURES, K6_VUS: not passed on to k6, because the scenario says what k6 runs'],
    ])
  } finally {
    for (const name of ['K6_DURATION', 'K6_VUS', 'K6_FEATURES']) delete process.env[name]
    said.mockRestore()
  }
  const own = [
    'K6_FEATURES=native-histograms',
    'K6_NO_USAGE_REPORT=true',
    'K6_PROMETHEUS_RW_PUSH_INTERVAL=1s',
    'K6_PROMETHEUS_RW_SERVER_URL=http://prometheus.example/api/v1/write',
    'K6_PROMETHEUS_RW_STALE_MARKERS=true',
  ]
  expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual([...own, ...own])
})

test('load that is ended early is interrupted, and k6 has time to write its summary', async () => {
  // as k6 does: 105 is its exit code for a signal
  k6("trap 'echo summary; exit 105' INT; echo started; while :; do sleep 0.05; done")
  const file = log()
  const end = new AbortController()
  const loading = runK6({ ...run, log: file, end: end.signal }, 'http://a', undefined)
  while (!(existsSync(file) && readFileSync(file, 'utf8').includes('started'))) await Bun.sleep(20)
  end.abort()
  expect(await loading).toEqual({ code: 105 })
  expect(readFileSync(file, 'utf8')).toBe('started\nsummary\n')
})

test('without a log the output is printed, and of a message that k6 repeats only the first line and the number', async () => {
  const entry = (level: string, message: string, rest = '') =>
    `time="2026-11-27T07:42:07Z" level=${level} msg="${message}"${rest}`
  const failed = (n: number) => entry('warning', 'Request Failed', ` error="Get \\"http://a/${n}\\": request timeout"`)
  const lines = [failed(1), failed(2), entry('warning', 'another'), failed(3), entry('error', 'Request Failed')]
  k6(`cat >&2 <<'END'\n${lines.join('\n')}\nEND\necho summary; echo summary; exit 99`)
  const printed = { log: spyOn(console, 'log'), error: spyOn(console, 'error') }
  for (const spy of Object.values(printed)) spy.mockImplementation(() => {})
  try {
    expect(await runK6(run, 'http://a', undefined)).toEqual({ code: 99 })
    expect(printed.log.mock.calls.flat()).toEqual(['summary', 'summary'])
    const count = 'k6 logged level=warning msg="Request Failed" 3 times'
    expect(printed.error.mock.calls.flat()).toEqual([lines[0], lines[2], lines[4], count])
  } finally {
    for (const spy of Object.values(printed)) spy.mockRestore()
  }
})

test('a signal that nobody asked for is no end of the load', async () => {
  k6('exit 105')
  const loading = runK6({ ...run, log: log(), end: new AbortController().signal }, 'http://a', undefined)
  await expect(loading).rejects.toThrow('k6 ended with 105')
})

test('its results go to Prometheus, where there is one', async () => {
  k6(NOTES)
  const file = log()
  await runK6({ ...run, log: file }, 'http://target.example', 'http://prometheus.example')
  const [args, env] = readFileSync(file, 'utf8').split('\n')
  expect(args).toStartWith(`run --quiet ${CONFIG} --out experimental-prometheus-rw /`)
  expect(env).toBe('40 http://target.example http://prometheus.example/api/v1/write native-histograms')
})

test('a threshold that was not met is a verdict; another code is an error that names the log', async () => {
  const file = log()
  k6('exit 99')
  expect(await runK6({ ...run, log: file }, 'http://a', undefined)).toEqual({ code: 99 })
  k6('exit 107')
  const failed = runK6({ ...run, log: file }, 'http://a', undefined)
  await expect(failed).rejects.toThrow(new UserError(`k6 ended with 107; its output is in ${file}`))
  expect(await runK6(run, 'http://a', undefined)).toEqual({ code: 107 }) // people have seen why
})

test('a run that is aborted ends at once where it has a log, else with its summary', async () => {
  const script = (file: string) =>
    `trap 'echo summary >> ${file}; exit 105' INT; echo begun >> ${file}; sleep 5 > /dev/null 2>&1 & wait`
  async function abortOnceBegun(run: LoadRun, file: string) {
    k6(script(file))
    const stop = new AbortController()
    const running = runK6({ ...run, signal: stop.signal }, 'http://a', undefined)
    running.catch(() => {})
    while (!(existsSync(file) && readFileSync(file, 'utf8').includes('begun'))) await Bun.sleep(20)
    stop.abort(new UserError('stopped'))
    return running
  }
  const [first, second] = [log(), log()]
  await expect(abortOnceBegun({ ...run, log: log() }, first)).rejects.toThrow('stopped')
  expect(readFileSync(first, 'utf8')).toBe('begun\n')
  expect(await abortOnceBegun(run, second)).toEqual({ code: 105 })
  expect(readFileSync(second, 'utf8')).toBe('begun\nsummary\n')
})

test('a run that is aborted before it begins does not begin', async () => {
  k6('exit 0')
  const signal = AbortSignal.abort(new UserError('stopped'))
  await expect(runK6({ ...run, signal }, 'http://a', undefined)).rejects.toThrow('stopped')
})
