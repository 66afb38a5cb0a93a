import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { collect } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import type { Job } from './install-jobs.ts'
import type { Program } from './programs.ts'

/** Last lines of Go's output that an error repeats. */
const TAIL_LINES = 10

/**
 * Builds a program from its Go module in a new folder of `folder`, and returns the program's path. Throws a {@link UserError}
 * when Go is missing or fails; Go's log is then kept in the cache.
 * @param why why the build is needed, as a clause
 */
export async function buildProgram(program: Program, why: string, folder: string, job: Job): Promise<string> {
  const { name, oldest, build, release } = program
  const { env, cache, say, signal } = job
  const advice = `install ${name} ${oldest} or newer, or Go ${build.oldestGo} or newer, on PATH`
  const go = Bun.which('go', { PATH: env.PATH ?? '' })
  if (go === null) throw new UserError(`${why}, and there is no Go to build it with; ${advice}`)

  say(`${why}; building it from its Go module instead: takes about ${build.minutes} min on two cores, once`)
  if (build.note !== undefined) say(`this build ${build.note}`)
  const module = join(folder, `build-${name}`)
  mkdirSync(module)
  const file = join(module, name)
  // In a module of its own, because "go install" refuses modules with "replace" in their go.mod.
  const commands = [
    ['mod', 'init', 'scratch'],
    ['get', `${build.package}@${build.version}`],
    ['build', '-trimpath', ...build.flags, '-o', file, build.package],
  ]
  const goEnv = { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: module }
  const progress = (seconds: number) => `building for ${seconds} s of about ${build.minutes} min`
  await job.during(progress, async elapsedSeconds => {
    for (const command of commands) {
      const options = { cwd: module, env: goEnv, signal, abortSignal: 'SIGKILL' } as const
      const { code, out, err } = await collect([go, ...command], options)
      if (code === 0) continue
      const kept = join(cache, `${name}-${release.version}-go.log`)
      await Bun.write(kept, out + err)
      const failed = `${why}, and "go ${command[0]}" failed; ${advice}, or fix the errors in ${kept}:`
      throw new UserError([failed, ...(out + err).trimEnd().split('\n').slice(-TAIL_LINES)].join('\n  '))
    }
    say(`built in ${elapsedSeconds()} s`)
  })
  return file
}
