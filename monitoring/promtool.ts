import { collect } from '../lib/process.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'

/** Runs promtool to its end, and installs it first if it is missing. Returns the exit code and the output. */
export async function promtool(args: readonly string[], stdin?: string) {
  return collect([await ensureProgram(PROGRAMS.promtool), ...args], { stdin })
}
