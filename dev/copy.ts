import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startPiped } from '../lib/process.ts'
import { openApiServer } from '../platforms/kubernetes/cluster/api-server.ts'
import { kubectlCommand, openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/workloads.ts'
import { watchChanges } from './changes.ts'

/** Unpacks each file as soon as its bytes arrive, and continues after the end of an archive: one process unpacks all archives. */
const UNPACK = ['tar', '--extract', '--touch', '--blocking-factor=1', '--ignore-zeros', '--file=-', '--directory']

/**
 * Copies changed files under a folder to every pod, until this process ends. The connection to a pod stays open. Does not
 * delete files in pods.
 * @param pods returns the names of the present pods
 * @param inPod returns the command line that runs a command in a pod
 */
export function copyChanges(
  folder: string,
  pods: () => Promise<readonly string[]>,
  inPod: (pod: string, command: readonly string[]) => readonly string[],
): void {
  const connections = new Map<string, ReturnType<typeof connect>>()

  function connect(pod: string) {
    const child = startPiped(inPod(pod, UNPACK))
    child.stdout.pipeTo(new WritableStream())
    child.stderr.pipeTo(new WritableStream({ write: text => void process.stderr.write(text) }))
    child.exited.then(() => connections.delete(pod))
    connections.set(pod, child)
    return child
  }

  async function send(files: readonly string[]) {
    const there = files.filter(file => existsSync(join(folder, file)))
    const archive = there.length === 0 ? '' : await pack(folder, there)
    for (const pod of await pods()) {
      const { stdin } = connections.get(pod) ?? connect(pod)
      stdin.write(archive)
      Promise.resolve(stdin.flush()).catch(() => {}) // the pod was deleted
    }
  }

  let sending = Promise.resolve() // in order, else older contents could overwrite newer ones
  function enqueue(files: readonly string[]) {
    sending = sending
      .then(() => send(files))
      .catch(error => console.error(`dev/copy.ts: ${error.message}; Tilt's live_update copies ${files.join(', ')}`))
  }
  watchChanges(folder, enqueue)
  enqueue([]) // connects to the present pods
}

const pack = (folder: string, files: readonly string[]) =>
  new Response(Bun.spawn(['tar', '-c', '-b', '1', '-f', '-', '-C', folder, ...files]).stdout).bytes()

if (import.meta.main) {
  const cluster = await openCluster(process.env)
  const api = openApiServer(cluster)
  copyChanges(
    'src',
    async () => (await servicePods(api)).map(({ metadata }) => metadata.name),
    (pod, command) => kubectlCommand(cluster, '-n', NAMESPACE, 'exec', '-i', pod, '--', ...command, '/app/src'),
  )
  console.log(`copying changes under src/ to the pods of ${cluster.context}`)
}
