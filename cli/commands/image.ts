import { buildImage, checkImageSize } from '../../platforms/kubernetes/service/image.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Build the release image, and print its size',
  details: 'Exit code 1 when the image is larger than allowed.',
  async run(_, signal) {
    const options = { say: console.log, signal }
    await checkImageSize(await buildImage(options), options)
  },
}
