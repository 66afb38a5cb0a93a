import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../../lib/user-error.ts'

/** Makes the folder of a report, named by the UTC time, in `parent`. Throws a {@link UserError} when that fails. */
export function reportFolder(parent: string): string {
  const name = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const folder = resolve(parent, name)
  try {
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    throw new UserError(`${folder} cannot be made (${(error as Error).message}); set REPORTS to another folder`)
  }
}
