import { join } from 'node:path'
import { ensureTree } from '../../tools/install.ts'
import { GRAFANA } from '../../tools/programs.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: `Download Grafana into the cache (${GRAFANA.downloadMegabytes} MB), for make up to start; print "grafana<tab>path"`,
  async run(_, signal) {
    console.log(`${GRAFANA.name}\t${join(await ensureTree(GRAFANA, { signal }), GRAFANA.program)}`)
  },
}
