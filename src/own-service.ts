import { version } from '../package.json'
import { SERVICE_CONFIG } from '../service.config.ts'
import type { ServiceDefinition } from './definition.ts'
import { factors } from './modules/factors/index.ts'
import { Queue } from './modules/factors/queue.ts'

const { name, title, description, probe } = SERVICE_CONFIG

/** The service of this project. */
export const OWN_SERVICE: ServiceDefinition = {
  name,
  version,
  title,
  description,
  links: { factors: '/factors/{n}' },
  warmUp: probe.path,
  settings: {},
  start: () => ({ modules: [factors(new Queue())] }),
}
