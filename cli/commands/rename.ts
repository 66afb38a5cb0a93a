import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CACHE_VARIABLE, SERVICE_CONFIG } from '../../service.config.ts'
import { cacheFolder } from '../../tools/install-options.ts'
import type { CommandLine } from '../command.ts'
import { readIdentity, renameProject } from '../rename-project.ts'

export const command: CommandLine = {
  summary: 'Rename the service: rewrite its names in every file, and generate anew',
  details:
    'NAME is required. It becomes the name of the image, the namespace, the job label, the dashboards and the variable of the ' +
    'cache: at most 31 lower-case letters, digits and hyphens. TITLE is for people (default: the words of NAME with capitals); ' +
    'alerts link to runbooks in REPOSITORY (default: the present address with the new name); DESCRIPTION is one sentence ' +
    '(default: the present one). The repository must have no changes, so that "git checkout ." and "git clean" undo the ' +
    'rename. A stack that runs keeps its old name: run make down before.',
  async run() {
    const wanted = readIdentity(process.env, SERVICE_CONFIG)
    const cache = cacheFolder(process.env)
    for (const line of await renameProject(resolve(import.meta.dir, '../..'), SERVICE_CONFIG, wanted)) console.log(line)
    if (!process.env[CACHE_VARIABLE] && existsSync(cache) && wanted.name !== SERVICE_CONFIG.name)
      console.log(
        `programs are cached under the old name; to keep them: mv ${cache} ${resolve(cache, '..', wanted.name)}`,
      )
    console.log('next: make test, then git add --all and git commit')
    return 0
  },
}
