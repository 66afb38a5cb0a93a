import { dirname, join } from 'node:path'
import { Glob } from 'bun'
import { runCommand, USAGE_ERROR } from './run-command.ts'

await runCommand(async signal => {
  try {
    await import('../chosen-service.ts') // before the commands, which import it
  } catch (error) {
    const found = [...new Glob('*/*/service.config.ts').scanSync(join(import.meta.dir, '..'))].map(dirname).sort()
    console.error(`${(error as Error).message}: ${['.', ...found].join(', ')}`)
    return USAGE_ERROR
  }
  const { readCommandLine } = await import('./read-command-line.ts')
  return readCommandLine(Bun.argv.slice(2), signal)
})
