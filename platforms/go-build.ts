import { closeSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { InstallError, type Settings } from './options.ts'
import type { Program } from './programs.ts'

/** How many of the last lines that Go wrote are shown when it fails. */
const TAIL = 10

/**
 * Builds the program from its Go module in `folder`, and returns its path. `why` is the clause that says why this is
 * needed. Throws an {@link InstallError} where there is no Go or it fails; then its log is kept in the cache.
 */
export async function buildProgram(program: Program, why: string, folder: string, settings: Settings): Promise<string> {
  const { name, oldest, build, release } = program
  const { env, cache, say, signal, progressInterval } = settings
  const advice = `install ${name} ${oldest} or newer, or Go ${build.oldestGo} or newer, on PATH`
  const go = Bun.which('go', { PATH: env.PATH ?? '' })
  if (go === null) throw new InstallError(`${why}, and there is no Go to build it with; ${advice}`)

  say(`${why}; building it from its Go module instead: takes about ${build.minutes} min on two cores, once`)
  if (build.note !== undefined) say(`this build ${build.note}`)
  const file = join(folder, name)
  const log = join(folder, 'go.log')
  // A module of its own around the program's, because "go install" refuses modules with "replace" in their go.mod.
  const commands = [
    ['mod', 'init', 'scratch'],
    ['get', `${build.package}@${build.version}`],
    ['build', '-trimpath', ...build.flags, '-o', file, build.package],
  ]
  const goEnv = { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: folder }

  const started = performance.now()
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`
  const progress = setInterval(() => say(`building, ${elapsed()} so far`), progressInterval * 1000)
  try {
    for (const command of commands) {
      if (await run([go, ...command], folder, goEnv, log, signal)) continue
      const kept = join(cache, `${name}-${release.version}-go.log`)
      renameSync(log, kept)
      const tail = readFileSync(kept, 'utf8').trimEnd().split('\n').slice(-TAIL)
      throw new InstallError(
        [`${why}, and "go ${command[0]}" failed; ${advice}, or mend what Go says in ${kept}:`, ...tail].join('\n  '),
      )
    }
  } finally {
    clearInterval(progress)
  }
  say(`built in ${elapsed()}`)
  return file
}

/** Runs a command that adds its output to `log`; true if it succeeds. Throws the signal's reason when aborted. */
async function run(command: string[], cwd: string, env: Settings['env'], log: string, signal: AbortSignal) {
  signal.throwIfAborted()
  const output = openSync(log, 'a')
  // A process group of its own, so that the compilers that Go starts can be ended with it.
  const child = Bun.spawn(command, { cwd, env, stdin: 'ignore', stdout: output, stderr: output, detached: true })
  closeSync(output)
  const kill = () => process.kill(-child.pid, 'SIGKILL')
  signal.addEventListener('abort', kill)
  const code = await child.exited
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  return code === 0
}
