import { join } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'

const FILE = join(import.meta.dir, '../../../k8s/cluster.yaml')

/** What makes a local cluster, and where to get it. */
const NEEDED = {
  docker: 'https://docs.docker.com/get-docker',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  ctlptl: 'https://github.com/tilt-dev/ctlptl#how-do-i-install-it',
  kubectl: 'https://kubernetes.io/docs/tasks/tools/',
}

/** Makes the cluster of k8s/cluster.yaml with its registry, or removes both. Throws a {@link UserError} that names what is missing. */
export async function localCluster(action: 'apply' | 'delete', signal: AbortSignal): Promise<string> {
  const missing = Object.entries(NEEDED).filter(([program]) => Bun.which(program) === null)
  if (missing.length > 0)
    throw new UserError(
      [
        'a local cluster needs what is not on PATH:',
        ...missing.map(([program, url]) => `  ${program}  ${url}`),
        'Any context that Tilt takes for local does as well: minikube, Docker Desktop, k3d, …',
      ].join('\n'),
    )
  return runProgram(['ctlptl', action, '-f', FILE], { signal })
}
