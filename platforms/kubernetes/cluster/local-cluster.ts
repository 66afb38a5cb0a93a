import { join } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { requirePrograms } from './required-programs.ts'

const FILE = join(import.meta.dir, '../../../k8s/cluster.yaml')

/**
 * Creates the cluster and the registry of k8s/cluster.yaml, or deletes both. Throws a {@link UserError} that says why
 * not.
 */
export async function localCluster(action: 'apply' | 'delete', signal: AbortSignal): Promise<string> {
  requirePrograms(['docker', 'kind', 'ctlptl', 'kubectl'])
  return runProgram(['ctlptl', action, '-f', FILE], { signal })
}
