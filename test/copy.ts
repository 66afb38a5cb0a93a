import { cp, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { run } from './process.ts'

const ROOT = resolve(import.meta.dir, '..')

/** Copies this project to a folder, for a test that changes it; the packages are shared. Whatever happens there, nobody's source is edited. */
export async function copyProject(folder: string): Promise<void> {
  const { out } = await run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard'])
  for (const file of out.trim().split('\n'))
    await cp(join(ROOT, file), join(folder, file), { recursive: true, preserveTimestamps: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}
