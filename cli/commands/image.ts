import { buildImage } from '../../platforms/kubernetes/service/image.ts'
import { ALLOWANCE, describeParts, readParts } from '../../platforms/kubernetes/service/image-parts.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Build the release image, and print its size',
  details: 'Exit code 1 when the image is larger than allowed.',
  async run(_, signal) {
    const { reference } = await buildImage('release', { say: console.log, signal })
    const parts = await readParts(reference, signal)
    console.log(describeParts(parts))
    return parts.total <= parts.bun + ALLOWANCE ? 0 : 1
  },
}
