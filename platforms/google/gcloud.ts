import { runProgram } from '../../lib/process.ts'

/** Runs gcloud with arguments, and returns what it prints. Rejects with a {@link UserError} when gcloud fails. */
export type Gcloud = (args: readonly string[]) => Promise<string>

/** A command line as a shell reads it. */
export const shellLine = (command: readonly string[]) =>
  command.map(word => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word}'`)).join(' ')

/**
 * A gcloud that prints each command before it runs it. With `dryRun` it only prints, as if nothing existed. It never asks: a
 * question would wait for an answer that nobody sees.
 */
export function openGcloud(say: (line: string) => void, dryRun: boolean, signal: AbortSignal): Gcloud {
  return async args => {
    const command = ['gcloud', ...args]
    say(`$ ${shellLine(command)}`)
    if (dryRun) return ''
    const env = { ...process.env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1' }
    return (await runProgram(command, { env, signal })).trim()
  }
}
