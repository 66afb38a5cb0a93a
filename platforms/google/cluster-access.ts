import { runProgram } from '../../lib/process.ts'
import { credentials } from './cloud-resources.ts'
import type { Gcloud } from './gcloud.ts'
import type { GoogleSettings } from './google-settings.ts'

/** Adds the cluster to kubectl's configuration as a context of its own; the current context stays what it is. */
export async function addContext(settings: GoogleSettings, gcloud: Gcloud): Promise<void> {
  const current = settings.dryRun ? '' : await runProgram(['kubectl', 'config', 'current-context']).catch(() => '')
  await gcloud(credentials(settings))
  if (current !== '') await runProgram(['kubectl', 'config', 'use-context', current.trim()])
}
