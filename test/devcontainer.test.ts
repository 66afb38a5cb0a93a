// .devcontainer, which tests only read; docs/local.md says where it was built and run.
import { expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { SERVICE_CONFIG } from '../service.config.ts'

/** The properties of https://containers.dev/implementors/json_reference that this project uses. */
interface DevContainer {
  readonly build: { readonly dockerfile: string }
  readonly remoteUser: string
  readonly init: boolean
  readonly workspaceFolder: string
  readonly mounts: readonly string[]
  readonly forwardPorts: readonly number[]
  readonly portsAttributes: Readonly<Record<string, object>>
}

const read = (file: string) => Bun.file(resolve(import.meta.dir, '..', file)).text()
const container = Bun.JSONC.parse(await read('.devcontainer/devcontainer.json')) as DevContainer
const dockerfile = await read(`.devcontainer/${container.build.dockerfile}`)
const last = (instruction: string) => [...dockerfile.matchAll(new RegExp(`^${instruction}[ =](.+)$`, 'gm'))].at(-1)?.[1]

test('the base image has a version of Node.js that the README allows', async () => {
  expect(last('FROM')).toMatch(/^\$\{BASE_IMAGE\}$/)
  const [, major] = /^node:(\d+)\.\d+\.\d+-\w+-slim$/.exec(last('ARG BASE_IMAGE') ?? '') ?? []
  const [, oldest] = /\(https:\/\/nodejs.org\) (\d+) or later/.exec(await read('README.md')) ?? []
  expect(Number(major)).toBeGreaterThanOrEqual(Number(oldest))
})

test('everything runs as the user node, and process 1 ends what is left to it', () => {
  expect([last('USER'), container.remoteUser, container.init]).toEqual(['node', 'node', true])
})

test('packages and programs are in volumes that the user may write', async () => {
  const targets = container.mounts.map(mount => /^source=[\w-]+,target=([^,]+),type=volume$/.exec(mount)?.[1])
  expect(targets).toEqual([`${container.workspaceFolder}/node_modules`, '/home/node/.cache'])
  const byHand = (await read('docs/local.md')).match(/^docker run .*$/m)?.[0]
  for (const target of targets) {
    expect(last('RUN install -d -o node -g node')?.split(' ')).toContain(target)
    expect(byHand).toContain(`:${target} `)
  }
})

test('the ports are those of the local stack', () => {
  const { api, prometheus, alertmanager, grafana } = SERVICE_CONFIG.ports
  expect(container.forwardPorts).toEqual([api, prometheus, alertmanager, grafana])
  expect(Object.keys(container.portsAttributes).map(Number).toSorted()).toEqual(container.forwardPorts.toSorted())
})
