import { UserError } from '../lib/user-error.ts'
import { openApiServer } from '../platforms/kubernetes/cluster/api.ts'
import { openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import { localCluster } from '../platforms/kubernetes/cluster/local-cluster.ts'
import { kubernetesPlatform } from '../platforms/kubernetes/kubernetes.ts'
import { CHARTS, type Release } from '../platforms/kubernetes/monitoring/charts.ts'
import { FORWARDS, keepForwarding } from '../platforms/kubernetes/monitoring/forwards.ts'
import { grafanaPassword, installMonitoring } from '../platforms/kubernetes/monitoring/releases.ts'
import { deployService } from '../platforms/kubernetes/service/deploy.ts'
import { buildImage } from '../platforms/kubernetes/service/image.ts'
import { ALLOWANCE, describeParts, readParts } from '../platforms/kubernetes/service/image-parts.ts'
import { CLUSTER_VARIABLES, readSettings } from '../platforms/kubernetes/settings.ts'
import { runCommand } from './run-command.ts'
import { describeVariables } from './variables.ts'

const RELEASES = Object.keys(CHARTS) as Release[]
const NAMES = Object.keys(FORWARDS) as (keyof typeof FORWARDS)[]

const HELP = `bun cli/cluster.ts COMMAND: what only a cluster has. For the rest see: make up HELP=1

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

/** Takes the name of a part, if one is given. Throws a {@link UserError} where there is no such part. */
function only<T extends string>(names: readonly T[], given: string | undefined): readonly T[] {
  if (given === undefined) return names
  const name = names.find(name => name === given)
  if (name === undefined) throw new UserError(`"${given}" is not accepted; it takes ${names.join(', ')}`)
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
    if (password === undefined) throw new UserError('Grafana is not installed: make monitoring')
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
