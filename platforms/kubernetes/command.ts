import { runCommand } from '../main.ts'
import { PlatformError } from '../platform.ts'
import { describeVariables } from '../variables.ts'
import { openApiServer } from './api.ts'
import { CHARTS, type Release } from './charts.ts'
import { openCluster } from './cluster.ts'
import { deployService } from './deploy.ts'
import { FORWARDS, keepForwarding } from './forwards.ts'
import { buildImage } from './image.ts'
import { ALLOWANCE, describeParts, readParts } from './image-parts.ts'
import { kubernetesPlatform } from './kubernetes.ts'
import { localCluster } from './local-cluster.ts'
import { grafanaPassword, installMonitoring } from './monitoring.ts'
import { CLUSTER_VARIABLES, readSettings } from './settings.ts'

const RELEASES = Object.keys(CHARTS) as Release[]
const NAMES = Object.keys(FORWARDS) as (keyof typeof FORWARDS)[]

const HELP = `bun platforms/kubernetes/command.ts COMMAND: what only a cluster has. For the rest see: make up HELP=1

  cluster            makes a local cluster, by ctlptl and kind
  cluster-down       removes it
  image              builds the release image, and says what it is made of; exit code 1 where it is too large
  deploy             builds the release image and deploys it, and installs or updates what watches
  undeploy           removes both
  monitoring [NAME]  installs or updates what watches; only ${RELEASES.join(', ')}, where one is named
  forward [NAME]     forwards ${NAMES.join(', ')}, or the one that is named, to this machine until Ctrl-C
  grafana-password   prints the password of Grafana's user admin

By environment:
${describeVariables(CLUSTER_VARIABLES)}
`

/** Takes the name of a part, if one is given. Throws a {@link PlatformError} where there is no such part. */
function only<T extends string>(names: readonly T[], given: string | undefined): readonly T[] {
  if (given === undefined) return names
  const name = names.find(name => name === given)
  if (name === undefined) throw new PlatformError(`"${given}" is not accepted; it takes ${names.join(', ')}`)
  return [name]
}

async function main([name = '--help', part]: string[], signal: AbortSignal): Promise<number> {
  const say = (line: string) => console.log(line)
  if (name === 'cluster' || name === 'cluster-down') {
    say((await localCluster(name === 'cluster' ? 'apply' : 'delete', signal)).trim())
    return 0
  }
  if (name === 'image') {
    const { reference } = await buildImage('release', { say, signal })
    const parts = await readParts(reference, signal)
    say(describeParts(parts))
    return parts.total <= parts.bun + ALLOWANCE ? 0 : 1
  }
  if (!['deploy', 'undeploy', 'monitoring', 'forward', 'grafana-password'].includes(name)) {
    say(HELP)
    return name === '--help' ? 0 : 2
  }

  const cluster = await openCluster(process.env)
  const settings = readSettings(process.env, cluster.local)
  const { profile, grafana, charts } = settings
  if (name === 'grafana-password') {
    const password = await grafanaPassword(cluster)
    if (password === undefined) throw new PlatformError('Grafana is not installed: make monitoring')
    say(password)
    return 0
  }
  say(`acting on the context ${cluster.context}`)
  if (name === 'undeploy') {
    const removed = await kubernetesPlatform(cluster, process.env, say).down()
    say(removed.join('\n') || 'nothing was up')
    return 0
  }
  if (name === 'forward') {
    await Promise.all(only(NAMES, part).map(name => keepForwarding(cluster, name, say, signal)))
    return 0
  }
  if (name === 'deploy') {
    const api = await openApiServer(cluster)
    await deployService(cluster, api, settings, say, signal)
    say('the service is deployed')
  }
  if (name === 'deploy' && !charts) return 0
  await installMonitoring(cluster, { profile, grafana, only: only(RELEASES, part), say, signal })
  for (const [name, link] of Object.entries(await kubernetesPlatform(cluster, process.env, say).links()))
    say(`  ${name.padEnd(18)} ${link}`)
  return 0
}

await runCommand(signal => main(Bun.argv.slice(2), signal))
