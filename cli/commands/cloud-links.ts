import type { CommandLine } from '../command.ts'
import { useGoogleCluster } from '../open-google.ts'
import { command as links } from './links.ts'

export const command: CommandLine = {
  summary:
    'Show the addresses of the API in Google Cloud, how to reach Grafana, and the pages of the cluster and of its costs',
  async run(args, signal) {
    const { settings, options } = await useGoogleCluster(signal)
    const { project, zone, name } = settings
    const console = 'https://console.cloud.google.com'
    if (!settings.dryRun) await links.run(args, signal)
    options.say(`  ${'cluster'.padEnd(18)} ${console}/kubernetes/clusters/details/${zone}/${name}?project=${project}`)
    options.say(`  ${'costs'.padEnd(18)} ${console}/billing/linkedaccount?project=${project}`)
  },
}
