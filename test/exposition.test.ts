import { expect, test } from 'bun:test'
import { fromSource, startProcess } from './process.ts'
import { promtool, WITH_INSTALL } from './programs.ts'

test(
  'the exposition is clean for promtool',
  async () => {
    const service = await startProcess(fromSource('src/main.ts'))
    const checked = await promtool(['check', 'metrics'], await fetch(service.metricsUrl))
    await service.stop()
    expect(checked).toEqual({ code: 0, out: '', err: '' })
  },
  WITH_INSTALL,
)
