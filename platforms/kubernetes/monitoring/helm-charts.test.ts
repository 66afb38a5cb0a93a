import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CACHE_VARIABLE } from '../../../service.config.ts'
import { ensureChart } from './helm-charts.ts'

const CHART = { chart: 'meter', version: '1.2.3', repository: 'https://charts.example' }
const PATH = process.env.PATH
let cache: string
let said: string[]

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'charts-'))
  process.env[CACHE_VARIABLE] = cache
  said = []
})

afterEach(() => {
  process.env.PATH = PATH
  delete process.env[CACHE_VARIABLE]
  rmSync(cache, { recursive: true })
})

/** Puts a helm on PATH that runs a script. */
function helm(script: string) {
  const folder = join(cache, 'bin')
  mkdirSync(folder)
  writeFileSync(join(folder, 'helm'), `#!/bin/sh\necho "$@" >> ${cache}/calls\n${script}\n`)
  chmodSync(join(folder, 'helm'), 0o755)
  process.env.PATH = `${folder}:${PATH}`
}

const ensure = (signal?: AbortSignal) => ensureChart(CHART, { say: line => said.push(line), signal })

const place = () => join(cache, 'charts/meter-1.2.3.tgz')

test('a chart is pulled once, and is then taken from the cache', async () => {
  helm('for last; do :; done; echo chart > "$last/meter-1.2.3.tgz"')
  expect(await ensure()).toBe(place())
  expect(await ensure()).toBe(place())
  expect(readFileSync(place(), 'utf8')).toBe('chart\n')
  expect(readFileSync(join(cache, 'calls'), 'utf8')).toMatch(
    /^pull meter --repo https:\/\/charts\.example --version 1\.2\.3 --destination \S+\n$/,
  )
  expect(said).toEqual(['downloading the chart meter 1.2.3 from https://charts.example'])
  expect(readdirSync(join(cache, 'charts'))).toEqual(['meter-1.2.3.tgz'])
})

test('a chart that cannot be pulled is an error with the reason and what to do, and leaves no file', async () => {
  helm('for last; do :; done; echo half > "$last/meter-1.2.3.tgz"; echo "Error: no such host" >&2; exit 1')
  await expect(ensure()).rejects.toThrow(
    `cannot pull the chart meter 1.2.3 from https://charts.example (Error: no such host); download its archive by other means, to ${place()}`,
  )
  expect(readdirSync(join(cache, 'charts'))).toEqual([])
})

test('a pull that is aborted throws the reason, and leaves no file', async () => {
  helm('exec sleep 60')
  await expect(ensure(AbortSignal.timeout(100))).rejects.toThrow(/timed out/)
  expect(existsSync(place())).toBeFalse()
})

test('without helm the error says what to install', async () => {
  process.env.PATH = '/nowhere'
  await expect(ensure()).rejects.toThrow('helm is not on PATH; install it: https://helm.sh')
})
