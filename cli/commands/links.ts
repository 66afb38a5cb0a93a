import type { CommandLine } from '../command.ts'
import { onPlatform, printLinks } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Show the addresses of the API, Swagger UI, Prometheus, Alertmanager and Grafana',
  run: () =>
    onPlatform(async platform => {
      await printLinks(platform)
      if ((await platform.status()) === undefined) console.log('(nothing is up now: make up)')
    }),
}
