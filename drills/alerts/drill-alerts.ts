import type { Platform } from '../../platforms/platform.ts'
import { describeMachine } from '../overload/describe-machine.ts'
import { demandDrillProfile } from '../profile-demands.ts'
import { writeReport } from '../report/write-report.ts'
import { type AlertDrills, type AlertResult, isPassed } from './alert-result.ts'
import { runFaultDrills } from './fault-drills.ts'
import { isDrilledOn } from './plan.ts'
import { installReplayPrograms, runReplays } from './replay.ts'
import { isComplete, matrixReport, matrixText, type ResultMatrix } from './result-matrix.ts'

/**
 * Drills alerts on a platform, writes the report into `folder` and prints the result of each alert. Returns the exit status:
 * 0 when every alert passed, else 1. When the drill stops early, the report has the results so far.
 * @param drill name of the drill, such as `all`
 */
export async function drillAlerts(
  drill: string,
  alerts: readonly string[],
  platform: Platform,
  folder: string,
  stop: AbortController,
): Promise<number> {
  if (alerts.some(alert => isDrilledOn(platform.name, alert))) demandDrillProfile(await platform.profile())
  const startedAt = Date.now() / 1000
  const results: AlertResult[] = []
  const onResult = (result: AlertResult) => {
    results.push(result)
    console.log(`${isPassed(result) ? '✓' : '✗'} ${result.alert}  (${results.length} of ${alerts.length})`)
    for (const { name, seen, expected, ok } of result.checks)
      if (!ok) console.log(`    ${name}: expected ${expected}, seen ${seen}`)
  }
  let failure: string | undefined
  try {
    await runDrills(alerts, { platform, folder, stop, onResult })
  } catch (error) {
    failure = (error as Error).message
  }
  if (stop.signal.aborted) failure = (stop.signal.reason as Error).message
  const endedAt = Date.now() / 1000
  const machine = await describeMachine(platform)
  const matrix: ResultMatrix = { drill, platform: platform.name, startedAt, endedAt, machine, alerts, results, failure }
  const { html, json, markdown } = await writeReport(matrixReport(matrix), folder)
  console.log(`\n${matrixText(matrix)}\n\nReport: ${html}\n        ${markdown}\n        ${json}`)
  return isComplete(matrix) ? 0 : 1
}

/** Drills alerts one after the other on the stack. Replays the incidents of the other alerts at the same time. */
async function runDrills(alerts: readonly string[], drills: AlertDrills): Promise<void> {
  const drilled = alerts.filter(alert => isDrilledOn(drills.platform.name, alert))
  const replayed = alerts.filter(alert => !drilled.includes(alert))
  await installReplayPrograms(replayed, drills.stop.signal)
  await Promise.all([runReplays(replayed, drills), drilled.length > 0 && runFaultDrills(drilled, drills)])
}
