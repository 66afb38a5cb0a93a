import { expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WITH_INSTALL } from '../test/programs.ts'
import { DRILL } from './profiles.ts'
import { promtool } from './promtool.ts'
import { prometheusConfiguration } from './scrapes.ts'
import { JOBS } from './targets.ts'

test(
  'promtool accepts the configuration of the local Prometheus, which scrapes every job',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scrapes-'))
    const [file, replicasFile] = [join(folder, 'prometheus.yml'), join(folder, 'replicas.json')]
    const address = '127.0.0.1:1'
    const configuration = prometheusConfiguration(DRILL, [], {
      replicasFile,
      api: address,
      blackboxExporter: address,
      nodeExporter: address,
      alertmanager: address,
      prometheus: address,
    })
    writeFileSync(replicasFile, '[]')
    writeFileSync(file, JSON.stringify(configuration))
    const { code, out, err } = await promtool(['check', 'config', file])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('is valid prometheus config file syntax')
    expect(configuration.scrape_configs.map(({ job_name }) => job_name).sort()).toEqual(Object.values(JOBS).sort())
  },
  WITH_INSTALL,
)
