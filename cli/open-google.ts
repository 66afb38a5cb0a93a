import type { CloudOptions } from '../platforms/google/cloud-project.ts'
import { addContext } from '../platforms/google/cluster-access.ts'
import { openGcloud } from '../platforms/google/gcloud.ts'
import { contextOf, type GoogleSettings, readGoogleSettings, registryOf } from '../platforms/google/google-settings.ts'
import { requirePrograms } from '../platforms/kubernetes/cluster/required-programs.ts'

/** Reads where to act, and opens a gcloud that prints each command. Throws a {@link UserError} when a program is missing. */
export function openGoogle(signal: AbortSignal): { settings: GoogleSettings; options: CloudOptions } {
  const settings = readGoogleSettings(process.env)
  if (!settings.dryRun) requirePrograms(['gcloud', 'kubectl', 'gke-gcloud-auth-plugin'])
  const say = (line: string) => console.log(line)
  if (settings.dryRun) say('DRY_RUN=1: the commands are printed, and none is run')
  return { settings, options: { gcloud: openGcloud(say, settings.dryRun, signal), say, signal } }
}

/**
 * Points the commands for clusters at the cluster in Google Cloud: context, registry, the overlay of one node, and k6 in the
 * cluster, because a connection over the internet would be measured, too. Variables that are set stay as they are.
 */
export async function useGoogleCluster(
  signal: AbortSignal,
): Promise<{ settings: GoogleSettings; options: CloudOptions }> {
  const { settings, options } = openGoogle(signal)
  await addContext(settings, options.gcloud)
  const { env } = process
  env.PLATFORM = 'kubernetes'
  env.KUBE_CONTEXT = contextOf(settings)
  env.REGISTRY ||= registryOf(settings)
  env.OVERLAY ||= 'gke-small'
  env.IN_CLUSTER ||= '1'
  return { settings, options }
}
