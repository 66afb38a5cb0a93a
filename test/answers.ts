import { expect } from 'bun:test'
import { COSTS, type ServiceConfig } from '../service.config.ts'

/** Expects that a service at `url` answers the probe, the load and the smoke test as its configuration says. */
export async function expectAnswers(url: string, { probe, load }: ServiceConfig): Promise<void> {
  expect(probe.statuses).toContain((await fetch(url + probe.path)).status)
  for (const cost of COSTS)
    for (const random of [0, 7, 2 ** 32 - 1]) {
      const { method = 'GET', path, body, answer } = load.request(cost, random)
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await fetch(url + path, { method, ...(body && json) })
      expect([response.status, await response.text()]).toEqual([200, answer])
    }
  for (const [path, status, text] of load.smoke) {
    const response = await fetch(url + path)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
  }
}
