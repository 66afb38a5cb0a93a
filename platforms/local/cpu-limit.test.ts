import { expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { collect } from '../../lib/process.ts'
import { findCPULimit } from './cpu-limit.ts'

const NAME = SERVICE_CONFIG.name

const newFolder = () => mkdtempSync(join(tmpdir(), 'cgroups-'))

/** A cgroup in a folder that stands for the kernel's: these controllers are given to its children. */
function cgroup(folder: string, path: string, controllers: string): void {
  mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, path, 'cgroup.procs'), '')
  writeFileSync(join(folder, path, 'cgroup.subtree_control'), `${controllers}\n`)
}

/** A folder for PATH with a systemd-run that runs what it is told, in a scope whose quota is this. */
function systemdRun(folder: string, quota: string): string {
  cgroup(folder, 'scope', '')
  writeFileSync(join(folder, 'scope', 'cpu.max'), quota)
  const program = join(folder, 'systemd-run')
  // sed stands for a kernel that says the scope of whoever asks
  writeFileSync(join(folder, 'sed'), '#!/bin/sh\necho /scope\n')
  writeFileSync(program, '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
  for (const file of [program, join(folder, 'sed')]) chmodSync(file, 0o755)
  return folder
}

const PATH = '/usr/bin:/bin'

test('a delegated cgroup limits: each replica has one, with the quota, and is put into it before it runs', async () => {
  const cgroups = newFolder()
  cgroup(cgroups, 'user/app', 'cpu memory')
  cgroup(cgroups, 'user/app/terminal', '')
  const limit = findCPULimit(0.3, { cgroups, own: '1:cpu:/\n0::/user/app/terminal\n', env: { PATH } })
  expect(limit.description).toBe('0.3 cores, by the kernel (cgroup)')
  const { before, bunArguments } = limit.wrap('replica-1')
  expect(bunArguments).toEqual([])
  const { code, out } = await collect([...before, 'sh', '-c', 'echo $$'])
  expect(code).toBe(0)
  const group = join(cgroups, 'user/app', `${NAME}-${process.pid}-replica-1`)
  expect(await Bun.file(join(group, 'cpu.max')).text()).toBe('30000 100000')
  expect(await Bun.file(join(group, 'cgroup.procs')).text()).toBe(out)
})

test('a cgroup that does not give the CPU controller to its children is passed over, for a scope of systemd', async () => {
  const cgroups = newFolder()
  cgroup(cgroups, 'user', 'memory pids')
  const env = { PATH: `${systemdRun(cgroups, '30000 100000')}:${PATH}` }
  const limit = findCPULimit(0.3, { cgroups, own: '0::/user\n', env })
  expect(limit.description).toBe('0.3 cores, by the kernel (systemd scope)')
  const { out } = await collect([...limit.wrap('replica-1').before, 'echo', 'it runs'], { env })
  expect(out).toBe('it runs\n')
})

test('a systemd that does not set the quota is passed over, for the script', () => {
  const cgroups = newFolder()
  const env = { PATH: `${systemdRun(cgroups, 'max 100000')}:${PATH}` }
  const limit = findCPULimit(0.3, { cgroups, own: '0::/\n', env })
  expect(limit.description).toBe('0.3 cores, by a script in the replica that puts it to sleep')
  expect(limit.wrap('replica-1')).toEqual({ before: [], bunArguments: [expect.stringMatching(/^--preload=\/.*\.ts$/)] })
})

test('without cgroups and systemd, the script limits', () => {
  const limit = findCPULimit(0.5, { cgroups: '/nowhere', own: '', env: { PATH: '/nowhere' } })
  expect(limit.description).toStartWith('0.5 cores, by a script')
})
