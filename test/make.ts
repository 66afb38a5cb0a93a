import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dir, '..')

interface MakeOptions {
  readonly env: NodeJS.Dict<string>
  /** Default: this project. */
  readonly cwd?: string
}

/**
 * Runs a target of make, as users do, and returns its exit code and output. make stays in the process group of the tests: when
 * a tier is aborted, its process group is killed, and with it all that make started.
 */
export async function runMake(target: string, { env, cwd = ROOT }: MakeOptions) {
  const command = ['make', '--silent', target]
  const child = Bun.spawn(command, { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out, err }
}

/** Runs a target of make, as users do, and returns its standard output. Throws with all that it printed when it fails. */
export async function make(target: string, options: MakeOptions): Promise<string> {
  const { code, out, err } = await runMake(target, options)
  if (code !== 0) throw new Error(`make ${target} ended with exit code ${code}:\n${out}\n${err}`)
  return out
}
