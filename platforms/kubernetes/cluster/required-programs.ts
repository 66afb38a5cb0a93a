import { UserError } from '../../../lib/user-error.ts'

/** Where each program is installed from. */
const SOURCES = {
  docker: 'https://docs.docker.com/get-docker',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  ctlptl: 'https://github.com/tilt-dev/ctlptl#how-do-i-install-it (or use minikube, Docker Desktop or k3d)',
  kubectl: 'https://kubernetes.io/docs/tasks/tools/',
  gcloud: 'https://cloud.google.com/sdk/docs/install',
  'gke-gcloud-auth-plugin': 'gcloud components install gke-gcloud-auth-plugin',
  helm: 'https://helm.sh/docs/intro/install (Helm 3)',
}

/** Throws a {@link UserError} with one line for each program that is not on PATH. */
export function requirePrograms(names: readonly (keyof typeof SOURCES)[], path = process.env.PATH): void {
  const missing = names.filter(name => Bun.which(name, { PATH: path ?? '' }) === null)
  if (missing.length === 0) return
  throw new UserError(missing.map(name => `${name} is not on PATH; install it: ${SOURCES[name]}`).join('\n'))
}
