import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { type Cluster, kubectlCommand } from './cluster.ts'

/** The API server of a cluster, asked with kubectl's credentials. */
export interface ApiServer {
  /** Sends a request, also to a pod or Service behind the API server's proxy. The path begins with `/api`. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Reads an object; undefined when there is none. Throws a {@link UserError} with the error response. */
  get<T>(path: string): Promise<T | undefined>
  /** Ends `kubectl proxy`. */
  close(): void
}

/**
 * The API server through `kubectl proxy`, which the first request starts. The proxy listens on a socket in a folder
 * that only this user may read: a port would be open to every user of this machine.
 */
export function openApiServer(cluster: Cluster): ApiServer {
  let proxy: ReturnType<typeof startProxy> | undefined
  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    proxy ??= startProxy(cluster)
    const { socket } = await proxy
    return fetch(`http://localhost${path}`, { signal: AbortSignal.timeout(10_000), ...init, unix: socket })
  }
  return {
    fetch: send,
    async get<T>(path: string) {
      const response = await send(path).catch(error => {
        if (error instanceof UserError) throw error
        throw new UserError(`the API server of ${cluster.context} does not answer (${(error as Error).message})`)
      })
      if (response.status === 404) return undefined
      if (!response.ok) throw new UserError(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    close: () => void proxy?.then(({ child }) => child.kill()).catch(() => {}),
  }
}

async function startProxy(cluster: Cluster) {
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'api.sock')
  const command = kubectlCommand(cluster, 'proxy', `--unix-socket=${socket}`)
  return { socket, ...(await startServer(command, /Starting/, { timeoutSeconds: 15 })) }
}
