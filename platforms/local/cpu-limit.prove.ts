import { expect, test } from 'bun:test'
import { join } from 'node:path'

/** Works as the service does, a piece a turn of the event loop, and then says the share of a core that it had. */
const BUSY = `
  const begin = performance.now()
  const work = () => {
    for (const end = performance.now() + 5; performance.now() < end; );
    const lasted = performance.now() - begin
    const { user, system } = process.cpuUsage()
    if (lasted < 2000) return setImmediate(work)
    console.log((user + system) / 1000 / lasted)
  }
  work()`

async function shareOf(...preload: string[]): Promise<number> {
  const command = [process.execPath, ...preload, '-e', BUSY]
  const child = Bun.spawn(command, { env: { ...process.env, CPU_LIMIT: '0.2' }, stderr: 'inherit' })
  return Number(await child.stdout.text())
}

test('a replica has its share of a core and no more, whatever it has to do', async () => {
  const limited = await shareOf(`--preload=${join(import.meta.dir, 'cpu-limit.preload.ts')}`)
  expect(limited).toBeLessThan(0.25)
  // the control: the same work takes more without the limit, however busy the machine is
  expect(await shareOf()).toBeGreaterThan(1.5 * limited)
})
