import { UserError } from '../../lib/user-error.ts'
import type { CommandLine } from '../command.ts'
import { onPlatform } from '../open-platform.ts'

export const command: CommandLine = {
  summary: 'Cause a fault in the service, such as status/503, block/2000 or crash',
  details: 'The service must run with faults: FAULTS=on make up.',
  run: () =>
    onPlatform(async platform => {
      const fault = process.env.FAULT || ''
      if (!/^[a-z]+(\/\d+)?$/.test(fault))
        throw new UserError(`FAULT: "${fault}" is not accepted; it takes one such as status/503, block/2000 or crash`)
      const response = await fetch(`${await platform.api()}/faults/${fault}`, { method: 'POST' })
      console.log(`${response.status} ${await response.text()}`)
      if (response.status === 404) throw new UserError('there is no such fault, or the service runs without FAULTS=on')
    }),
}
