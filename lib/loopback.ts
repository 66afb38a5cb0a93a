/** Names and addresses of this machine, as NO_PROXY accepts them. */
const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/**
 * Adds this machine to NO_PROXY and no_proxy, so that requests to this machine never go through the proxy of HTTP_PROXY.
 * Every command calls this first: Bun's fetch reads process.env at each request, and children get process.env.
 * Programs in Go (k6, Prometheus, kubectl, helm) never use a proxy for loopback addresses.
 */
export function bypassProxyForLoopback(env: NodeJS.Dict<string> = process.env): void {
  const { NO_PROXY, no_proxy } = env
  // Bun and curl read no_proxy first, Go reads NO_PROXY first: each keeps its own list.
  env.NO_PROXY = withLoopback(NO_PROXY || no_proxy)
  env.no_proxy = withLoopback(no_proxy || NO_PROXY)
}

function withLoopback(list = ''): string {
  const hosts = list.split(',').map(host => host.trim())
  return [...new Set([...hosts, ...LOOPBACK])].filter(Boolean).join(',')
}
