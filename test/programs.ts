import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { run } from './process.ts'

/** Time limit, in milliseconds, of a test that may have to install a program: building one takes minutes, once. */
export const WITH_INSTALL = 900_000

/** Runs promtool to its end: its exit code and all that it printed. */
export async function promtool(args: string[], stdin?: Response) {
  return run([await ensureProgram(PROGRAMS.promtool), ...args], stdin && { stdin })
}
