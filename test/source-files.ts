import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dir, '..')

/** Whether a file is a test or only serves tests. */
export const isTest = (file: string) => /\.(test|prove)\.ts$|^(test|e2e)\//.test(file)

/** The project's TypeScript files, without those that git ignores: paths relative to the project, and contents. */
export function sourceFiles(): { file: string; source: string }[] {
  const { stdout } = Bun.spawnSync(['git', 'ls-files', '-co', '--exclude-standard', '*.ts'], { cwd: ROOT })
  const files = stdout.toString().trim().split('\n')
  return files
    .filter(file => existsSync(join(ROOT, file)))
    .map(file => ({ file, source: readFileSync(join(ROOT, file), 'utf8') }))
}
