// Preloaded into a replica: it gets CPU_LIMIT cores and no more, as the kernel's quota keeps a container to its limit.
// A replica that may take a whole core leaves k6, what watches and its neighbours what is left of a small machine, and what
// two of them carry is then the machine's affair and not the service's.

/** The period of the kernel's quota (CFS) in Kubernetes, in milliseconds. */
const PERIOD = 100
/** How often it looks, in milliseconds. A job in between may overdraw, and is then paid for by a longer stop. */
const INTERVAL = 5

const limit = Number(process.env.CPU_LIMIT)
/** Milliseconds of CPU that may be used at once: idleness is saved up for one period, as the kernel does. */
let balance = limit * PERIOD
let [at, used] = [performance.now(), cpu()]

setInterval(() => {
  const [now, total] = [performance.now(), cpu()]
  balance = Math.min(limit * PERIOD, balance + limit * (now - at)) - (total - used)
  // The kernel stops a long job in its midst; here it is over before it can be, and must not be paid for by those after it.
  balance = Math.max(balance, -PERIOD)
  ;[at, used] = [now, total]
  if (balance < 0) Bun.sleepSync(-balance / limit) // the whole process stands still, as one that is throttled does
}, INTERVAL).unref()

/** Milliseconds of CPU that this process has used, all threads together. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
