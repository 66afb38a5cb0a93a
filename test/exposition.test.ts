import { expect, test } from 'bun:test'
import { fromSource, startProcess } from '../lib/service-process.ts'
import { promtool } from '../monitoring/promtool.ts'
import { WITH_INSTALL } from './programs.ts'

test(
  'the exposition is clean for promtool',
  async () => {
    const service = await startProcess(fromSource('src/main.ts'))
    const checked = await promtool(['check', 'metrics'], await (await fetch(service.metricsUrl)).text())
    await service.stop()
    expect(checked).toEqual({ code: 0, out: '', err: '' })
  },
  WITH_INSTALL,
)
