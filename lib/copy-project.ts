import { existsSync } from 'node:fs'
import { cp, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runProgram } from './process.ts'

const ROOT = resolve(import.meta.dir, '..')

/** Copies the files of this project that git does not ignore to a folder. The copy shares the packages by a symbolic link. */
export async function copyProject(folder: string): Promise<void> {
  const files = await runProgram(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard'])
  for (const file of files.trim().split('\n')) {
    if (!existsSync(join(ROOT, file))) continue // deleted, and not committed yet
    await cp(join(ROOT, file), join(folder, file), { recursive: true, preserveTimestamps: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}
