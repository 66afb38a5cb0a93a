import { name, version } from '../package.json'
import type { ServiceDefinition } from './definition.ts'
import { factors } from './modules/factors/index.ts'
import { Queue } from './modules/factors/queue.ts'

/** The service of this project: prime factors. */
export const FACTORS_SERVICE: ServiceDefinition = {
  name,
  version,
  title: 'Tipping Point',
  description: 'A small REST service that is observable from its first commit.',
  links: { factors: '/factors/{n}' },
  warmUp: '/factors/97',
  settings: {},
  start: () => ({ modules: [factors(new Queue())] }),
}
