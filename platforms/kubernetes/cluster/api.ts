import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPiped } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'

import type { Cluster } from './cluster.ts'

/** Seconds for kubectl to say that it serves. */
const START_TIMEOUT = 15

/** The API server of a cluster, with kubectl's own credentials. */
export interface ApiServer {
  /** Asks it; the path begins with `/api`. What it proxies to pods and services is answered as they answer. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** An object, parsed; undefined where it is not there. Throws a {@link UserError} where it cannot be had. */
  get<T>(path: string): Promise<T | undefined>
  close(): void
}

/** Opens it by `kubectl proxy`, on a socket in a folder that is this user's alone: a port would be everybody's. */
export async function openApiServer(cluster: Cluster): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tipping-point-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'api.sock')
  const proxy = await serve(['kubectl', `--context=${cluster.context}`, 'proxy', `--unix-socket=${socket}`], /Starting/)
  const ask: ApiServer['fetch'] = (path, init = {}) =>
    fetch(`http://localhost${path}`, { signal: AbortSignal.timeout(10_000), ...init, unix: socket })
  return {
    fetch: ask,
    async get<T>(path: string) {
      const response = await ask(path).catch(error => {
        throw new UserError(`the API server of ${cluster.context} does not answer (${(error as Error).message})`)
      })
      if (response.status === 404) return undefined
      if (!response.ok) throw new UserError(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    close: () => proxy.kill(),
  }
}

/** A port of this machine that leads to one of a Service or pod. */
export interface Forward {
  readonly origin: string
  /** Resolves when it has ended: the pod behind it is gone, say. */
  readonly ended: Promise<unknown>
  close(): void
}

/**
 * Forwards a port of 127.0.0.1 to a Service or pod. All its connections go to one pod, so it is no way to offer load.
 * @param target such as `service/grafana`
 * @param localPort 0: any free one
 */
export async function forward(
  cluster: Cluster,
  namespace: string,
  target: string,
  port: number,
  localPort = 0,
): Promise<Forward> {
  const ports = `${localPort || ''}:${port}`
  const command = ['kubectl', `--context=${cluster.context}`, '-n', namespace, 'port-forward', target, ports]
  const child = await serve(command, /Forwarding from 127\.0\.0\.1:(\d+) ->/)
  return { origin: `http://127.0.0.1:${child.match[1]}`, ended: child.exited, close: () => child.kill() }
}

/** Starts a program, and waits until it says that it serves; the match of what it said. */
async function serve(command: readonly string[], ready: RegExp) {
  const child = startPiped(command)
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
  const errors = child.stderr.text()
  const read = async () => {
    let said = ''
    // to its end: a program whose output nobody reads any more would be ended by it
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      said = (said + chunk).slice(-1000)
      const match = ready.exec(said)
      if (match !== null) resolve(match)
    }
    reject(new UserError(`${command.join(' ')} ended: ${(await errors).trim()}`))
  }
  read().catch(reject)
  const late = setTimeout(() => {
    child.kill()
    reject(new UserError(`${command.join(' ')} was not ready within ${START_TIMEOUT} s`))
  }, START_TIMEOUT * 1000)
  const match = await promise.finally(() => clearTimeout(late))
  return Object.assign(child, { match })
}
