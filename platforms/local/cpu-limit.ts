import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A way to limit the CPU of a process. */
export interface CPULimit {
  /** For people: how many cores, and who limits. */
  readonly description: string
  /** The command that runs a program under the limit, and the arguments that Bun needs for it. `name` is unique in a stack. */
  wrap(name: string): { readonly before: readonly string[]; readonly bunArguments: readonly string[] }
  /** Removes what the limit of an ended process has left. */
  release(name: string): void
}

/** Where cgroups are, and how a process finds its own; tests set others. */
export interface Kernel {
  readonly cgroups: string
  /** Content of /proc/self/cgroup. */
  readonly own: string
  /** PATH, and what systemd-run needs to reach the user's manager. */
  readonly env: NodeJS.Dict<string>
}

/** Period of the kernel's quota in microseconds: the default of Linux and of Kubernetes. */
const PERIOD = 100_000

/** Names of the cgroups that are made here begin with this. */
const PREFIX = 'tipping-point-'

/** Milliseconds for systemd to make a scope. */
const SYSTEMD_TIMEOUT = 5000

const thisKernel = (): Kernel => ({
  cgroups: '/sys/fs/cgroup',
  own: readFileSync('/proc/self/cgroup', 'utf8'),
  env: process.env,
})

/**
 * The best way to limit processes to so many cores that needs no root: a delegated cgroup, a scope of the user's systemd, else
 * a script that Bun preloads and that puts the whole process to sleep.
 */
export function findCPULimit(cores: number, kernel: Kernel = thisKernel()): CPULimit {
  return delegatedCgroup(cores, kernel) ?? systemdScope(cores, kernel) ?? preloadedScript(cores)
}

/** Of a cgroup (version 2) of this process or above it, in which this user may make others. */
function delegatedCgroup(cores: number, { cgroups, own, env }: Kernel): CPULimit | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1]
  if (path === undefined) return undefined
  for (let folder = join(cgroups, path); folder.startsWith(cgroups); folder = dirname(folder)) {
    if (!isDelegated(folder)) continue
    removeLeftovers(folder)
    const groupOf = (name: string) => join(folder, `${PREFIX}${process.pid}-${name}`)
    const limit: CPULimit = {
      description: `${cores} cores, by the kernel (cgroup)`,
      wrap(name) {
        const group = groupOf(name)
        mkdirSync(group, { recursive: true })
        writeFileSync(join(group, 'cpu.max'), `${Math.round(cores * PERIOD)} ${PERIOD}`)
        const enter = `echo $$ > '${join(group, 'cgroup.procs')}' && exec "$@"`
        return { before: ['sh', '-c', enter, 'sh'], bunArguments: [] }
      },
      release(name) {
        try {
          rmdirSync(groupOf(name))
        } catch {} // a process is still in it: the next stack removes it
      },
    }
    if (works(limit, env)) return limit
  }
  return undefined
}

/** Whether this user may make cgroups in a folder that limit CPU, and move processes into them. */
function isDelegated(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK)
    return readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ').includes('cpu')
  } catch {
    return false
  }
}

/** Removes the cgroups of stacks that did not end by themselves; one that is in use cannot be removed. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder).filter(name => name.startsWith(PREFIX)))
    try {
      rmdirSync(join(folder, name))
    } catch {}
}

/** Whether a process can be started under a limit. */
function works(limit: CPULimit, env: NodeJS.Dict<string>): boolean {
  const name = 'trial'
  try {
    return Bun.spawnSync([...limit.wrap(name).before, 'true'], { env }).exitCode === 0
  } catch {
    return false
  } finally {
    limit.release(name)
  }
}

/** Of a scope that the user's own systemd makes; only where it really sets the quota, which needs a delegated CPU controller. */
function systemdScope(cores: number, { cgroups, env }: Kernel): CPULimit | undefined {
  const program = Bun.which('systemd-run', { PATH: env.PATH ?? '' })
  if (program === null) return undefined
  const before = [program, '--user', '--scope', '--quiet', '--collect', `--property=CPUQuota=${cores * 100}%`, '--']
  const readQuota = `cat "${cgroups}$(sed -n 's/^0:://p' /proc/self/cgroup)/cpu.max"`
  const trial = Bun.spawnSync([...before, 'sh', '-c', readQuota], { env, stderr: 'ignore', timeout: SYSTEMD_TIMEOUT })
  const [quota, period] = trial.stdout.toString().trim().split(' ').map(Number) // "max" for none, which is no number
  const isSet = Math.abs((quota ?? 0) / (period ?? 1) - cores) < 0.01
  if (trial.exitCode !== 0 || !isSet) return undefined
  return {
    description: `${cores} cores, by the kernel (systemd scope)`,
    wrap: () => ({ before, bunArguments: [] }),
    release() {},
  }
}

/** The script reads CPU_LIMIT, which every replica has. */
const preloadedScript = (cores: number): CPULimit => ({
  description: `${cores} cores, by a script in the replica that puts it to sleep`,
  wrap: () => ({ before: [], bunArguments: [`--preload=${join(import.meta.dir, 'cpu-limit.preload.ts')}`] }),
  release() {},
})
