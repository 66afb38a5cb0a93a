import { afterAll, expect, test } from 'bun:test'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPiped } from '../lib/process.ts'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { type Pod, servicePods } from '../platforms/kubernetes/cluster/pods.ts'
import { tryAgain } from '../test/again.ts'
import { copyProject } from '../test/copy.ts'
import { run } from '../test/process.ts'
import { api, askPod, CHARTS, cluster, env, GRAFANA, leaveOut, say, until } from './support.ts'

/** What of Tilt's resources cannot be had here. */
const without = [...(CHARTS ? [] : ['--without-charts']), ...(CHARTS && !GRAFANA ? ['--without-grafana'] : [])]
if (!CHARTS) leaveOut('tilt ci with the charts', 'no chart can be had')
else if (!GRAFANA) leaveOut("tilt ci with Grafana's pod", 'its image cannot be had')

/** Tilt works on a copy: what is edited here is nobody's source. */
const copy = await mkdtemp(join(tmpdir(), 'tilt-'))
await copyProject(copy)

/** Saves that are timed at one replica and at three. */
const TIMED_SAVES = 7
/**
 * Maximum ratio of the median time from save to served at three replicas to that at one. dev/copy.ts copies to every pod at
 * once (measured: 0.7 to 1.0); one pod after another was 1.4 to 1.9.
 */
const MAXIMUM_RATIO = 1.5
/**
 * Pairs of saves at three replicas: seconds from the first to the second. Tilt waits 0.2 s and copies for 0.3 s, then the
 * processes start within 0.2 s: the second save comes before the copy, during it, and during the start of each process.
 */
const PAIRS = [0.1, 0.3, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/** Ports of Tilt's own page, so that a Tilt that is up beside this does not matter. */
const port = '10951'
const tilt = (...args: string[]) => ['tilt', ...args, '--port', port, '-f', join(copy, 'Tiltfile')]
let up: ReturnType<typeof startPiped> | undefined

afterAll(async () => {
  up?.kill('SIGINT')
  await up?.exited
  await run(['tilt', 'down', '--delete-namespaces', '-f', join(copy, 'Tiltfile'), '--', ...without], { env })
  await until(90, 'the namespace is gone', async () => (await cluster.get('namespace', NAMESPACE)) === undefined)
}, 180_000)

test('tilt ci succeeds from nothing', async () => {
  expect(await cluster.get('namespace', NAMESPACE)).toBeUndefined()
  const began = Date.now()
  const { code, out, err } = await run([...tilt('ci', '--timeout=10m'), '--', ...without], { env })
  if (code !== 0) console.log(out.split('\n').slice(-60).join('\n'), err)
  expect(code).toBe(0)
  say(`tilt ci ${without.join(' ')}: green from nothing in ${((Date.now() - began) / 1000).toFixed(0)} s`)
}, 700_000)

test('three replicas lose no save and serve it about as soon as one does, without an image or a restart', async () => {
  up = startPiped([...tilt('up', '--stream'), '--', ...without])
  let said = ''
  const read = async () => {
    for await (const chunk of (up as ReturnType<typeof startPiped>).stdout.pipeThrough(new TextDecoderStream()))
      said += chunk
  }
  read()
  await until(180, 'Tilt has brought up the service', async () => (await status()) === 'ok')
  const imagesBuilt = () => said.match(/Building image|STEP 1/g)?.length ?? 0
  const built = imagesBuilt()

  // a neighbour that takes a core for a moment is no fault of the dev loop
  await tryAgain('the time of a save at three replicas', 1, async () => {
    const ratio = await compareReplicas()
    if (ratio > MAXIMUM_RATIO) throw new Error(`it took ${ratio.toFixed(2)} times as long as at one replica`)
  })

  const pods = await podNames()
  const before = await identities()
  for (const seconds of PAIRS) {
    await save()
    await Bun.sleep(seconds * 1000)
    await served(pods, await save())
    await Bun.sleep(1000) // for the next pair to be on its own
  }
  say(`${2 * PAIRS.length} saves in pairs, ${PAIRS.join(', ')} s apart: each of 3 pods serves the second of every pair`)

  await Bun.write(file, `${source}\nsetTimeout(() => { throw new Error('a mistake') }, 50)\n`)
  await Bun.sleep(2000) // for each process to have started and ended
  await served(pods, await save())
  say('a save that ends the process: each of 3 pods serves the save that mends it')

  expect(await identities()).toEqual(before)
  expect(imagesBuilt()).toBe(built)
  for (const pod of pods) {
    const exposition = await (await askPod(pod, '/metrics', {}, 9464)).text()
    const series = exposition.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    const names = series.map(line => line.slice(0, line.lastIndexOf(' ')))
    expect(names.length).toBeGreaterThan(100)
    expect(new Set(names).size).toBe(names.length)
  }
}, 600_000)

const podNames = async () => (await servicePods(api)).map(({ metadata }) => metadata.name)

const file = join(copy, 'src/modules/about/index.ts')
const source = await Bun.file(file).text()
let saves = 0

/** Saves a source file; the number of the save, which the service then serves. */
async function save(): Promise<number> {
  await Bun.write(file, source.replace("factors: '/factors/{n}'", `factors: '/factors/{n}?save=${++saves};'`))
  return saves
}

/** Waits until each pod serves a save. Throws after 30 s: the save is lost. */
async function served(pods: readonly string[], save: number): Promise<void> {
  await Bun.sleep(300) // Tilt alone takes that long; to ask sooner would take CPU from what is measured
  await Promise.all(
    pods.map(pod =>
      until(30, `${pod} serves save ${save}`, async () => {
        const response = await askPod(pod, '/').catch(() => undefined)
        return (await response?.text().catch(() => ''))?.includes(`save=${save};`) ?? false
      }),
    ),
  )
}

/** Scales to one replica and to three, times saves at each, and returns the ratio of the medians. Leaves three. */
async function compareReplicas(): Promise<number> {
  const one = await medianSeconds(1)
  return (await medianSeconds(3)) / one
}

/** Median seconds from a save until each of so many replicas serves it. */
async function medianSeconds(replicas: number): Promise<number> {
  const scaled = await run(['make', '--silent', '-C', copy, 'scale', `REPLICAS=${replicas}`], { env })
  expect(scaled.code).toBe(0)
  await until(60, `${replicas} pods are there`, async () => (await podNames()).length === replicas)
  const pods = await podNames()
  await served(pods, await save()) // a pod that is new to Tilt gets every changed file with it
  const seconds: number[] = []
  while (seconds.length < TIMED_SAVES) {
    await Bun.sleep(1000) // for each save to be on its own
    const began = performance.now()
    await served(pods, await save())
    seconds.push((performance.now() - began) / 1000)
  }
  say(`saved to served by each of ${replicas}: ${seconds.map(s => s.toFixed(2)).join(', ')} s`)
  return seconds.sort((a, b) => a - b)[Math.floor(TIMED_SAVES / 2)] as number
}

/** What a pod is: its name, its image, and how often it was restarted. */
const identities = async () =>
  (await servicePods(api))
    .map(({ metadata, spec, status }: Pod) => [metadata.name, spec.containers[0]?.image, restarts(status)])
    .sort()

const restarts = (status: Pod['status']) => status.containerStatuses?.map(({ restartCount }) => restartCount)

/** How Tilt's runtime of the service is. */
async function status(): Promise<string> {
  const { out } = await run(['tilt', 'get', 'uiresource', 'tipping-point', '--port', port, '-o', 'json'], { env })
  try {
    const { updateStatus, runtimeStatus } = (JSON.parse(out) as { status: Record<string, string> }).status
    return updateStatus === 'ok' && runtimeStatus === 'ok' ? 'ok' : `${updateStatus} ${runtimeStatus}`
  } catch {
    return 'not up yet'
  }
}
