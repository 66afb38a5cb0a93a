import { startProgram } from '../lib/process.ts'
import { watchChanges } from './changes.ts'

/** A process that ends within this time after a change counts as broken by the change. */
const MISTAKE_MS = 5000

const HELP = `bun dev/watch.ts [--crash-ends] FOLDER COMMAND…: runs COMMAND, and starts it again when the
contents of a file under FOLDER change.

When the process ends, the watcher waits for the next change and starts the process again. With --crash-ends the watcher ends
with the exit code of the process, so that Kubernetes restarts the container. If the process ends within ${MISTAKE_MS / 1000} s
of a change, the watcher still waits for the next change, because a restarted container would lose the change.
`

/**
 * Runs a command until a signal ends this process, and restarts the command after each change under a folder. Unlike
 * `bun --watch`, notices changes also while the process starts, and stays when the process ends.
 */
function runAndWatch(folder: string, command: readonly string[], crashEnds: boolean): void {
  let changes = 0
  let rewrites = 0
  let ending = false
  let child: Bun.Subprocess | undefined

  async function onChange() {
    const change = ++changes
    child?.kill('SIGKILL') // at once, as `bun --watch` does: during a drain the next process could not bind the port
    await child?.exited
    if (change === changes && !ending) start() // else a later change starts it
  }

  /** Tilt's `tar` deletes a file before it writes the file; a process that starts in that moment ends. */
  function onRewrite() {
    rewrites++
    if (child?.exitCode) start()
  }

  async function start() {
    const [change, rewrite, startedAt] = [changes, rewrites, performance.now()]
    const started = startProgram(command)
    child = started
    const code = await started.exited
    if (ending || change !== changes) return
    const isEarly = performance.now() - startedAt < MISTAKE_MS
    if (code !== 0 && isEarly && rewrite !== rewrites) return start()
    const isBroken = changes > 0 && isEarly
    if (crashEnds && !isBroken) process.exit(code)
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

  watchChanges(folder, onChange, onRewrite)
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
