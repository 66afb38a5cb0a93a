import { type Command, Option } from 'commander'
import { VARIABLES } from './variables.ts'

/** A command: what its file in the folder `commands` exports as `command`. The file's name is the command's name. */
export interface CommandLine {
  /** One line for the list of commands. */
  readonly summary: string
  /** Sentences for the command's own help: what it does, how long it takes, its exit codes. */
  readonly details?: string
  /** Positional argument in commander's notation, such as `[alert]`, and what it is. */
  readonly argument?: readonly [name: string, meaning: string]
  /** Runs the command; returns the exit status, by default 0. Throws a {@link UserError} for what the user can mend. */
  readonly run: (args: readonly string[], signal: AbortSignal) => Promise<number> | Promise<void>
}

/** Name of the option that sets a variable: `--prometheus-port` sets PROMETHEUS_PORT. */
const optionOf = (variable: string) => `--${variable.toLowerCase().replaceAll('_', '-')}`

/**
 * Adds a command to the command line. Each variable of the environment that the command reads is an option, too.
 * @param finish takes the exit status
 */
export function addCommand(
  program: Command,
  name: string,
  { summary, details, argument, run }: CommandLine,
  signal: AbortSignal,
  finish: (status: number) => void,
): void {
  const command = program.command(name).summary(summary).description([summary, details].filter(Boolean).join('.\n\n'))
  if (argument !== undefined) command.argument(...argument)
  const options = Object.entries(VARIABLES[name] ?? {}).map(
    ([variable, meaning]) => [variable, new Option(`${optionOf(variable)} <value>`, meaning)] as const,
  )
  for (const [variable, option] of options) command.addOption(option.env(variable))
  command.action(async () => {
    for (const [variable, option] of options)
      if (command.getOptionValueSource(option.attributeName()) === 'cli')
        process.env[variable] = command.getOptionValue(option.attributeName())
    finish((await run(command.args, signal)) || 0)
  })
}
