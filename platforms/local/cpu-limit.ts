// Preloaded into a replica: it gets CPU_LIMIT cores and no more, as the kernel's quota keeps a container to its limit.
// A replica that may take a whole core leaves its neighbours, k6 and what watches what is left of a small machine, and what
// two of them carry is then the machine's affair and not the service's.

/** Milliseconds of idleness that can be saved up: the period of the kernel's quota (CFS) in Kubernetes. */
const PERIOD = 100
/** How often it looks, in milliseconds. A job in between may overdraw, and is then paid for by a longer stop. */
const INTERVAL = 5

const limit = Number(process.env.CPU_LIMIT)
let [balance, at, used] = [limit * PERIOD, performance.now(), cpu()]

setInterval(() => {
  const [now, total] = [performance.now(), cpu()]
  balance = Math.min(limit * PERIOD, balance + limit * (now - at)) - (total - used)
  ;[at, used] = [now, total]
  if (balance < 0) Bun.sleepSync(-balance / limit) // the whole process stands still, as one that is throttled does
}, INTERVAL).unref()

/** Milliseconds of CPU that this process has used, all threads together. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
