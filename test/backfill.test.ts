import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool } from '../monitoring/promtool.ts'
import { backfill } from './backfill.ts'
import { WITH_INSTALL } from './programs.ts'

test(
  'samples are repeated for an hour before the first sample of their series, without a reset of a counter',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'data-'))
    mkdirSync(join(folder, 'wal')) // which a running Prometheus has
    const seriesOf = (metric: string, ...samples: [number, number][]) => ({ labels: { __name__: metric }, samples })
    const remove = await backfill(folder, {
      name: 'test',
      series: [seriesOf('a_total', [7210, 50]), seriesOf('b', [7210, 8])],
      repeated: [
        seriesOf('a_total', [9000, 91], [9005, 93], [9010, 96]),
        seriesOf('b', [9000, 6], [9005, 7]),
        seriesOf('begins_later', [9000, 1]),
      ],
      scrapeIntervalSeconds: 5,
    })
    const dump = async () => (await promtool(['tsdb', 'dump', folder])).out.split('\n')
    const samples = (await dump()).filter(line => line.startsWith('{__name__="a_total"}') || line.includes('"b"'))
    expect(samples).toHaveLength(2 * 720)
    expect(samples.filter(line => line.includes('a_total')).slice(-3)).toEqual([
      '{__name__="a_total"} 42 7195000',
      '{__name__="a_total"} 45 7200000',
      '{__name__="a_total"} 47 7205000',
    ])
    expect(await dump()).toContain('{__name__="b"} 6 7205000')
    expect((await dump()).join('\n')).not.toContain('begins_later')
    await remove()
    expect(readdirSync(folder)).toEqual(['wal'])
  },
  WITH_INSTALL,
)
