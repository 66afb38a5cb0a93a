import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyProject } from '../lib/copy-project.ts'
import { collect, runProgram } from '../lib/process.ts'

/** A copy of this repository with one commit. */
export async function repositoryCopy(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'renamed-'))
  await copyProject(folder)
  const git = (...args: string[]) =>
    runProgram(['git', '-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
  await git('init', '--quiet')
  await git('add', '--all')
  await git('commit', '--quiet', '--message=copy')
  return folder
}

/** Runs `make rename` without make, which would install the packages. */
export const rename = (folder: string, env: Record<string, string>) =>
  collect([process.execPath, 'cli/main.ts', 'rename'], {
    cwd: folder,
    env: { ...process.env, TITLE: '', REPOSITORY: '', DESCRIPTION: '', ...env },
  })
