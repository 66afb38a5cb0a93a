import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { addCommand, type CommandLine } from './command.ts'
import { USAGE_ERROR } from './run-command.ts'

const FOLDER = join(import.meta.dir, 'commands')

/** Reads the command line and runs the command; returns the exit status. */
export async function readCommandLine(args: readonly string[], signal: AbortSignal): Promise<number> {
  const program = new Command(SERVICE_CONFIG.name)
    .description(
      'Runs the service and its monitoring, loads it, and shows its alerts fire. Each command is a target of make.',
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_ERROR))
    .showHelpAfterError('(--help lists what is accepted)')
  const names = readdirSync(FOLDER).map(file => file.replace(/\.ts$/, ''))
  // Only the named command is loaded, because some load hundreds of modules.
  const loaded = names.filter(name => name === args[0])
  let status = 0
  for (const name of loaded.length > 0 ? loaded : names.sort()) {
    const { command } = (await import(join(FOLDER, `${name}.ts`))) as { command: CommandLine }
    addCommand(program, name, command, signal, code => {
      status = code
    })
  }
  await program.parseAsync(args.length > 0 ? args : ['--help'], { from: 'user' })
  return status
}
