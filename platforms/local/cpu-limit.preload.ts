// Bun preloads this script into a replica to limit its CPU to CPU_LIMIT cores, as the kernel's quota limits a container.
// Without a limit, replicas would take CPU from k6 and Prometheus, and their capacity would be the machine's.

/** Period of the kernel's quota (CFS) in Kubernetes. */
const PERIOD_MS = 100
/** Interval between checks. A job between two checks may overdraw the quota; a longer sleep then compensates. */
const INTERVAL_MS = 5

const limit = Number(process.env.CPU_LIMIT)
/** Milliseconds of CPU that the process may use at once. Unused CPU accumulates for one period, as in the kernel. */
let balance = limit * PERIOD_MS
let [at, used] = [performance.now(), cpuMs()]

setInterval(() => {
  const [now, total] = [performance.now(), cpuMs()]
  balance = Math.min(limit * PERIOD_MS, balance + limit * (now - at)) - (total - used)
  // The kernel would have interrupted a long job; here the job is over, and later jobs must not pay for all of it.
  balance = Math.max(balance, -PERIOD_MS)
  ;[at, used] = [now, total]
  if (balance < 0) Bun.sleepSync(-balance / limit) // stops the whole process, as throttling does
}, INTERVAL_MS).unref()

/** CPU time of all threads of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
