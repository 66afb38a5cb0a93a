import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'

/** A way to limit the CPU of a process. */
export interface CPULimit {
  /** The number of cores and what enforces the limit, for people. */
  readonly description: string
  /** Returns the command that runs a program under the limit, and Bun's arguments. `name` is unique in a stack. */
  wrap(name: string): { readonly before: readonly string[]; readonly bunArguments: readonly string[] }
  /** Removes the cgroup of an ended process. */
  release(name: string): void
}

/** Where this process finds cgroups and its own cgroup; tests set others. */
export interface Kernel {
  readonly cgroups: string
  /** Content of /proc/self/cgroup. */
  readonly own: string
  /** PATH, and the variables that systemd-run needs. */
  readonly env: NodeJS.Dict<string>
}

/** Period of the kernel's quota: the default of Linux and of Kubernetes. */
const PERIOD_US = 100_000

/** Prefix of the names of a stack's cgroups. */
const PREFIX = `${SERVICE_CONFIG.name}-`

/** For systemd to create a scope. */
const SYSTEMD_TIMEOUT_MS = 5000

const thisKernel = (): Kernel => ({
  cgroups: '/sys/fs/cgroup',
  own: readFileSync('/proc/self/cgroup', 'utf8'),
  env: process.env,
})

/**
 * Returns the best CPU limit that needs no root: a delegated cgroup, a scope of the user's systemd, else a script that Bun
 * preloads and that puts the whole process to sleep.
 */
export function findCPULimit(cores: number, kernel: Kernel = thisKernel()): CPULimit {
  return delegatedCgroup(cores, kernel) ?? systemdScope(cores, kernel) ?? preloadedScript(cores)
}

/** Limits by cgroup (version 2): in the nearest ancestor of this process's cgroup where this user may create cgroups. */
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
        writeFileSync(join(group, 'cpu.max'), `${Math.round(cores * PERIOD_US)} ${PERIOD_US}`)
        const enter = `echo $$ > '${join(group, 'cgroup.procs')}' && exec "$@"`
        return { before: ['sh', '-c', enter, 'sh'], bunArguments: [] }
      },
      release(name) {
        try {
          rmdirSync(groupOf(name))
        } catch {} // a process still runs in the cgroup; the next stack removes the cgroup
      },
    }
    if (works(limit, env)) return limit
  }
  return undefined
}

/** Whether this user may create cgroups with a CPU limit in a folder, and move processes into them. */
function isDelegated(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK)
    return readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ').includes('cpu')
  } catch {
    return false
  }
}

/** Removes the cgroups of killed stacks. The kernel refuses to remove a cgroup that is in use. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder).filter(name => name.startsWith(PREFIX)))
    try {
      rmdirSync(join(folder, name))
    } catch {}
}

/** Whether a process can start under a limit. */
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

/** Limits by a scope of the user's systemd, if systemd really sets the quota: that needs a delegated CPU controller. */
function systemdScope(cores: number, { cgroups, env }: Kernel): CPULimit | undefined {
  const program = Bun.which('systemd-run', { PATH: env.PATH ?? '' })
  if (program === null) return undefined
  const before = [program, '--user', '--scope', '--quiet', '--collect', `--property=CPUQuota=${cores * 100}%`, '--']
  const readQuota = `cat "${cgroups}$(sed -n 's/^0:://p' /proc/self/cgroup)/cpu.max"`
  const trial = Bun.spawnSync([...before, 'sh', '-c', readQuota], {
    env,
    stderr: 'ignore',
    timeout: SYSTEMD_TIMEOUT_MS,
  })
  const [quota, period] = trial.stdout.toString().trim().split(' ').map(Number) // "max" (no quota) becomes NaN
  const isSet = Math.abs((quota ?? 0) / (period ?? 1) - cores) < 0.01
  if (trial.exitCode !== 0 || !isSet) return undefined
  return {
    description: `${cores} cores, by the kernel (systemd scope)`,
    wrap: () => ({ before, bunArguments: [] }),
    release() {},
  }
}

/** The script reads CPU_LIMIT, which every replica gets. */
const preloadedScript = (cores: number): CPULimit => ({
  description: `${cores} cores, by a script in the replica that puts it to sleep`,
  wrap: () => ({ before: [], bunArguments: [`--preload=${join(import.meta.dir, 'cpu-limit.preload.ts')}`] }),
  release() {},
})
