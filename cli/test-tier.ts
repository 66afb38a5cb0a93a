import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram } from '../lib/process.ts'
import { countedIn, repetitionsIn } from '../lib/try-again.ts'

/** Time limit of a test that sets none, in milliseconds: no test may fail because the machine is busy. */
const TEST_TIMEOUT_MS = 60_000

/** Prints which tier of tests begins, and how long it usually takes. */
export function announce(target: string, minutes: number): void {
  console.log(`make ${target}: usually takes about ${minutes} minutes on two idle cores`)
}

/**
 * Runs `bun test` to its end; returns its exit code. Prints at the end how long it took, and how often something was tried
 * again.
 * @param args options and files; without files, all that `bun test` finds
 */
export async function runTests(
  args: readonly string[],
  signal: AbortSignal,
  env: NodeJS.Dict<string> = {},
): Promise<number> {
  const file = join(mkdtempSync(join(tmpdir(), 'tier-')), 'tried-again')
  writeFileSync(file, '')
  const began = performance.now()
  const command = [process.execPath, 'test', `--timeout=${TEST_TIMEOUT_MS}`, ...args]
  const childEnv = { ...process.env, ...env, ...countedIn(file) }
  const code = await startProgram(command, { env: childEnv, signal, abortSignal: 'SIGKILL' }).exited
  console.log(`\ntests took ${Math.round((performance.now() - began) / 1000)} s; ${repetitionsIn(file)}`)
  return code
}
