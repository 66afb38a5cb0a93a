import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { ensureProgram } from '../platforms/install.ts'
import { PROGRAMS } from '../platforms/programs.ts'
import type { Machine } from './story.ts'

const WHAT_RUNS = ['prometheus', 'alertmanager', 'node_exporter', 'blackbox_exporter', 'k6'] as const

/** This machine, and the versions of what runs on it. */
export async function describeMachine(): Promise<Machine> {
  const versions = await Promise.all(WHAT_RUNS.map(async name => [name, await versionOf(name)] as const))
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    programs: { bun: Bun.version, ...Object.fromEntries(versions) },
  }
}

async function versionOf(name: (typeof WHAT_RUNS)[number]): Promise<string> {
  const child = Bun.spawn([await ensureProgram(PROGRAMS[name]), '--version'], { stderr: 'pipe' })
  const output = (await child.stdout.text()) + (await child.stderr.text())
  return /\d+\.\d+\.\d+\S*/.exec(output)?.[0] ?? 'unknown'
}
