import { join } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { requirePrograms } from './required-programs.ts'

const FILE = join(import.meta.dir, '../../../k8s/cluster.yaml')

/** Creates or deletes the cluster and the registry of k8s/cluster.yaml. Throws a {@link UserError}. */
export async function localCluster(action: 'apply' | 'delete', signal: AbortSignal): Promise<string> {
  requirePrograms(['docker', 'kind', 'ctlptl', 'kubectl'])
  return runProgram(['ctlptl', action, '-f', FILE], { signal })
}
