import { expect, test } from 'bun:test'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { example } from '../../test/example-results.ts'
import { writeReport } from '../report/write-report.ts'
import type { AlertResult } from './alert-result.ts'
import { matrixReport, matrixText, type ResultMatrix } from './result-matrix.ts'

const [timeline] = example.alerts

const passed: AlertResult = {
  ...{ alert: 'ServiceUnresponsive', kind: 'drilled', platform: 'local', how: 'the service is stopped', others: [] },
  ...{ began: example.startedAt, ended: example.startedAt + 60, detection: 22.6, bound: 45, recovery: 4.4 },
  ...(timeline && { timeline }),
  checks: [{ name: 'delivered', expected: 'at most 45 s', seen: '22.6 s', ok: true }],
}
const failed: AlertResult = {
  ...passed,
  alert: 'HighLatency',
  checks: [{ name: 'delivered', expected: 'at most 45 s', seen: 'never', ok: false }],
}
const matrix: ResultMatrix = {
  ...{ drill: 'all', platform: 'local', startedAt: example.startedAt, endedAt: example.endedAt },
  machine: example.machine,
  alerts: ['ServiceUnresponsive', 'HighLatency', 'Watchdog'],
  results: [passed, failed],
}

test('the report marks what was not proven, and every link leads to a runbook beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'))
  const page = await Bun.file((await writeReport(matrixReport(matrix), folder)).html).text()
  expect(page).toContain('<h1 class="failed">✗ Failed</h1>')
  const marked = [...page.matchAll(/<tr class="failed"><td>[^<]*<\/td><td>(\w+)/g)].map(([, alert]) => alert)
  expect(marked).toEqual(['HighLatency', 'HighLatency', 'Watchdog'])
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => String(link))
  expect(links).toEqual(matrix.alerts.map(alert => `runbooks/${alert}.md`))
  expect(links.filter(link => !existsSync(join(folder, link)))).toEqual([])
})

test('the report of a complete matrix has no row that failed', async () => {
  const complete = { ...matrix, alerts: ['ServiceUnresponsive'], results: [passed] }
  const { html } = await writeReport(matrixReport(complete), mkdtempSync(join(tmpdir(), 'matrix-')))
  const page = await Bun.file(html).text()
  expect(page).toContain('<h1 class="passed">✓ Passed</h1>')
  expect(page).not.toContain('<tr class=')
})

test('the terminal gets the matrix, what failed and the outcome', () => {
  const text = matrixText(matrix)
  expect(text).toContain('1 of 3 alerts passed')
  expect(text).toMatch(/✗ failed +HighLatency +delivered +at most 45 s +never/)
})
