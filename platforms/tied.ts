/** How a child is tied to its parent on Linux: the kernel ends it when the parent ends, however that ends. */
const PDEATHSIG = ['setpriv', '--pdeathsig', 'KILL', '--']

/** What is put before a command so that it does not outlive this process; nothing where setpriv (util-linux) is not there. */
export const TIED: readonly string[] = Bun.which('setpriv') === null ? [] : PDEATHSIG

/**
 * Starts a program that goes on beside this process, and ends with it. In a session of its own, so that Ctrl-C reaches
 * this process alone, which may still need it to clean up.
 */
export function startTied(command: readonly string[]) {
  const child = Bun.spawn([...TIED, ...command], {
    env: process.env, // else Bun gives it what this process began with
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    detached: true,
  })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  child.exited.then(() => process.off('exit', kill))
  return child
}
