import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os'
import type { Platform } from '../../platforms/platform.ts'
import type { Machine } from './overload-result.ts'

/** This machine, and the versions of what runs on the platform. */
export async function describeMachine(platform: Platform): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    cpuLimit: (await platform.status().catch(() => undefined))?.cpuLimit ?? 'unknown',
    programs: { bun: Bun.version, ...(await platform.versions().catch(() => ({}))) },
  }
}
