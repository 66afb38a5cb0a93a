import { startProgram } from '../lib/process.ts'
import { watchChanges } from './changes.ts'

/** A process that ends by itself within so many milliseconds of its start, after a change, is taken for a mistake in it. */
const MISTAKE_MS = 5000

const HELP = `bun dev/watch.ts [--crash-ends] FOLDER COMMAND…: runs COMMAND, and starts it again when the
contents of a file under FOLDER change.

When the process ends by itself, the watcher stays, and the next change starts it. With --crash-ends the watcher ends as the
process did, so that Kubernetes restarts the container; but a process that ends within ${MISTAKE_MS / 1000} s of a change
still waits for the next one, because a container that starts again would have lost the change.
`

/**
 * Runs a command until a signal ends it, and starts it again after each change under a folder. The folder is watched before
 * the first start and throughout, so a change is seen also while a process starts; `bun --watch` watches a file only once it
 * has read it, and ends with its process.
 */
function runAndWatch(folder: string, command: readonly string[], crashEnds: boolean): void {
  let changes = 0
  let ending = false
  let child: Bun.Subprocess | undefined

  async function onChange() {
    const change = ++changes
    child?.kill('SIGKILL') // at once, as `bun --watch` does: a drain would keep the port from its successor
    await child?.exited
    if (change === changes && !ending) start() // else a later change starts it
  }

  async function start() {
    const [change, began] = [changes, performance.now()]
    const started = startProgram(command)
    child = started
    const code = await started.exited
    if (ending || change !== changes) return
    const mistake = changes > 0 && performance.now() - began < MISTAKE_MS
    if (crashEnds && !mistake) process.exit(code)
    console.error(
      `dev/watch.ts: the process ended with exit code ${code}; the next change under ${folder} starts it again`,
    )
  }

  async function end(signal: NodeJS.Signals) {
    ending = true
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) process.exit(0)
    child.kill(signal)
    process.exit(await child.exited)
  }

  watchChanges(folder, onChange)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  start()
}

const crashEnds = process.argv[2] === '--crash-ends'
const [folder, ...command] = process.argv.slice(crashEnds ? 3 : 2)
if (folder === undefined || folder.startsWith('--') || command.length === 0) {
  console.error(HELP)
  process.exit(folder === '--help' ? 0 : 2)
}
runAndWatch(folder, command, crashEnds)
