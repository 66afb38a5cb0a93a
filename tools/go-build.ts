import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, runLogged } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import type { Job } from './jobs.ts'

import type { Program } from './programs.ts'

/** How many of the last lines that Go wrote are shown when it fails. */
const TAIL = 10

/**
 * Builds the program from its Go module in a new folder of `folder`, and returns its path. `why` is the clause that says
 * why this is needed. Throws an {@link UserError} where there is no Go or it fails; then its log is kept in the cache.
 */
export async function buildProgram(program: Program, why: string, folder: string, job: Job): Promise<string> {
  const { name, oldest, build, release } = program
  const { env, cache, say, signal, clock } = job
  const advice = `install ${name} ${oldest} or newer, or Go ${build.oldestGo} or newer, on PATH`
  const go = Bun.which('go', { PATH: env.PATH ?? '' })
  if (go === null) throw new UserError(`${why}, and there is no Go to build it with; ${advice}`)

  say(`${why}; building it from its Go module instead: takes about ${build.minutes} min on two cores, once`)
  if (build.note !== undefined) say(`this build ${build.note}`)
  const module = join(folder, `build-${name}`)
  mkdirSync(module)
  const file = join(module, name)
  const log = join(module, 'go.log')
  // A module of its own around the program's, because "go install" refuses modules with "replace" in their go.mod.
  const commands = [
    ['mod', 'init', 'scratch'],
    ['get', `${build.package}@${build.version}`],
    ['build', '-trimpath', ...build.flags, '-o', file, build.package],
  ]
  const goEnv = { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: module }

  const startedAt = clock.now()
  const elapsed = () => `${Math.round(clock.now() - startedAt)} s`
  const untrack = job.track(() => `building for ${elapsed()} of about ${build.minutes} min`)
  try {
    for (const command of commands) {
      if (await runLogged([go, ...command], log, { cwd: module, env: goEnv, signal, abortSignal: 'SIGKILL' })) continue
      const kept = join(cache, `${name}-${release.version}-go.log`)
      renameSync(log, kept)
      const failed = `${why}, and "go ${command[0]}" failed; ${advice}, or mend what Go says in ${kept}:`
      throw new UserError([failed, ...lastLines(kept, TAIL)].join('\n  '))
    }
  } finally {
    untrack()
  }
  say(`built in ${elapsed()}`)
  return file
}
