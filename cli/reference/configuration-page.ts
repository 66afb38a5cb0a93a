import { SERVICE_CONFIG } from '../../service.config.ts'
import { SETTINGS } from '../../src/config.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

/** The page of the variables that the service reads. */
export function configurationPage(): string {
  const rows = Object.values(SETTINGS).map(({ variable, fallback, meaning, accepted }) => [
    inCode(variable),
    fallback === undefined ? 'must be set' : inCode(fallback),
    meaning,
    accepted,
  ])
  return markdownPage(
    'Configuration of the service',
    'From [`src/config.ts`](../../../src/config.ts). The service reads these variables of its environment at its start; ' +
      `\`dist/${SERVICE_CONFIG.name} --help\` prints them. An empty variable counts as unset.`,
    [markdownTable(['variable', 'default', 'meaning', 'accepted'], rows)],
  )
}
