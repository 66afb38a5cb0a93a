import type { Platform } from '../../platforms/platform.ts'
import { describeMachine } from '../overload/machine.ts'
import { isComplete, type Matrix } from './matrix.ts'
import { matrixText } from './matrix-text.ts'
import { isProven, type Proof } from './proof.ts'
import { proveAlerts } from './run.ts'
import { writeMatrix } from './write-matrix.ts'

/**
 * Proves alerts on a platform, writes the report into a folder and prints the matrix; the exit status: 0 only where each
 * was proven. What breaks off is told with what was seen until then.
 * @param drill the name that the alerts were asked for by
 */
export async function drillAlerts(
  drill: string,
  alerts: readonly string[],
  platform: Platform,
  folder: string,
  stop: AbortController,
): Promise<number> {
  const say = (line: string) => console.log(line)
  const startedAt = Date.now() / 1000
  const proofs: Proof[] = []
  const onProof = (proof: Proof) => {
    proofs.push(proof)
    say(`${isProven(proof) ? '✓' : '✗'} ${proof.alert}  (${proofs.length} of ${alerts.length})`)
    for (const { name, seen, expected, ok } of proof.checks) if (!ok) say(`    ${name}: ${seen}, not ${expected}`)
  }
  let failure: string | undefined
  try {
    await proveAlerts(alerts, { platform, folder, say, stop, onProof })
  } catch (error) {
    failure = (error as Error).message
  }
  failure = stop.signal.aborted ? (stop.signal.reason as Error).message : failure
  const matrix: Matrix = {
    ...{ drill, platform: platform.name, startedAt, endedAt: Date.now() / 1000, alerts, proofs },
    machine: await describeMachine(platform),
    ...(failure !== undefined && { failure }),
  }
  const { html, json, markdown } = await writeMatrix(matrix, folder)
  say(`\n${matrixText(matrix)}\n\nreport: ${html}\n        ${markdown}\n        ${json}`)
  return isComplete(matrix) ? 0 : 1
}
