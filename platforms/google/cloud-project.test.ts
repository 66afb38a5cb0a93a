import { describe, expect, test } from 'bun:test'
import { FakeProject } from '../../test/google.ts'
import { createAll, deleteAll } from './cloud-project.ts'
import { readGoogleSettings } from './google-settings.ts'

const settings = readGoogleSettings({
  PROJECT: 'my-project-1',
  ZONE: 'europe-west1-b',
  BILLING_ACCOUNT: '012345-678901-ABCDEF',
})
const { name } = settings

/** What costs money while it exists, by its kind in the fake project. */
const COSTLY = /^(repositories|clusters|forwarding-rules|addresses|disks) /

function optionsOf(project: FakeProject) {
  const said: string[] = []
  const options = {
    gcloud: async (args: readonly string[]) => project.run(args),
    say: (line: string) => void said.push(line),
    signal: new AbortController().signal,
    intervalSeconds: 0.001,
  }
  return { said, options }
}

const up = (project: FakeProject) => createAll(settings, optionsOf(project).options)

/** The Service gets an address, as after make cloud-deploy. */
function deploy(project: FakeProject): void {
  if (project.state.resources.clusters.some(cluster => cluster.name === name)) project.publish(`${name}/${name}`)
}

const down = (project: FakeProject, release = async () => project.release()) =>
  deleteAll(settings, optionsOf(project).options, release)

/** A project after make cloud-up and make cloud-deploy. */
async function deployed(): Promise<FakeProject> {
  const project = new FakeProject()
  await up(project)
  deploy(project)
  project.commands.length = 0
  return project
}

const FULL = [
  `accounts ${name}-nodes`,
  'roles container.defaultNodeServiceAccount',
  `repositories ${name}`,
  `clusters ${name}`,
  'budgets 1',
  `disks gke-${name}-default-pool-1`,
]

/** How a message names a resource with its costs, by the kind of the resource. */
const NAMED: Readonly<Record<string, RegExp>> = {
  repositories: /the image repository .*\$0\.10 a month/,
  clusters: /the cluster .*about \$0\.169 an hour/,
  disks: /the cluster .*about \$0\.169 an hour|a disk .*\$0\.04 a month/, // of a node
  'forwarding-rules': /a forwarding rule .*about \$0\.025 an hour/,
}

function expectNamed(project: FakeProject, text: string): void {
  for (const resource of project.ours().filter(each => COSTLY.test(each)))
    expect(text).toMatch(NAMED[resource.split(' ')[0] as string] as RegExp)
}

const WHEN = ['before', 'after'] as const
const upCommands = await (async () => {
  const project = new FakeProject()
  await up(project)
  return project.commands
})()

describe('up', () => {
  test('creates all, once', async () => {
    const project = new FakeProject()
    await up(project)
    expect(project.ours()).toEqual(FULL)
    const { said, options } = optionsOf(project)
    await createAll(settings, options)
    expect(project.ours()).toEqual(FULL)
    expect(said).toContain(`the cluster ${name}: exists`)
  })

  describe.each(WHEN)('that fails %s a command has an effect', when => {
    test.each(upCommands.map((args, i) => [args.slice(0, 3).join(' '), i + 1] as const))(
      'names all that costs money, goes on, and leaves nothing: %s (%d)',
      async (_, at) => {
        const project = new FakeProject()
        project.failAt(at, when)
        const error: Error = await up(project).then(
          () => new Error('did not fail'),
          error => error,
        )
        expect(error.message).toContain('the connection was lost')
        expect(error.message).toEndWith('To remove all of it: make cloud-down PROJECT=my-project-1 ZONE=europe-west1-b')
        expectNamed(project, error.message)

        const other = new FakeProject()
        other.state = structuredClone(project.state)
        await up(project)
        expect(project.ours()).toEqual(FULL)
        expect(await down(other)).toEqual([])
        expect(other.ours()).toEqual([])
      },
    )
  })

  test('waits for a cluster that Google still creates or deletes, and refuses one that failed', async () => {
    const project = new FakeProject()
    await up(project)
    const { options, said } = optionsOf(project)
    const states = ['STOPPING', 'PROVISIONING', 'PROVISIONING', 'RUNNING']
    const gcloud = async (args: readonly string[]) => {
      const out = project.run(args)
      return args.slice(0, 3).join(' ') === 'container clusters list' ? (states.shift() ?? 'ERROR') : out
    }
    await createAll(settings, { ...options, gcloud })
    expect(said.filter(line => line.includes('waiting'))).toEqual([
      `the cluster ${name} is in the state STOPPING: waiting`,
      `the cluster ${name} is in the state PROVISIONING: waiting`,
    ])
    await expect(createAll(settings, { ...options, gcloud })).rejects.toThrow(
      `the cluster ${name} is in the state ERROR; remove it, then try again: make cloud-down`,
    )
  })

  test('tries again while Google does not know a new service account', async () => {
    const project = new FakeProject()
    let unknown = 2
    const gcloud = async (args: readonly string[]) => {
      if (args[1] === 'add-iam-policy-binding' && unknown-- > 0) throw new Error('Service account x does not exist.')
      return project.run(args)
    }
    await createAll(settings, { ...optionsOf(project).options, gcloud })
    expect(project.ours()).toEqual(FULL)
  })
})

const downCommands = await (async () => {
  const project = await deployed()
  await down(project)
  return project.commands
})()

describe('down', () => {
  test('deletes all, and nothing of others; a second time changes nothing', async () => {
    const project = await deployed()
    expect(await down(project)).toEqual([])
    expect(project.ours()).toEqual([])
    expect(project.state.resources.clusters).toHaveLength(1)
    expect(await down(project)).toEqual([])
    expect(await down(new FakeProject())).toEqual([]) // no API is enabled
  })

  describe.each(WHEN)('that fails %s a command has an effect', when => {
    test.each(downCommands.map((args, i) => [args.slice(0, 3).join(' '), i + 1] as const))(
      'says what is left, and leaves nothing the next time: %s (%d)',
      async (_, at) => {
        const project = await deployed()
        project.failAt(at, when)
        const said = await down(project).then(
          left => left.join('\n'),
          error => `failed: ${error.message}`, // the list of the APIs, before anything is deleted
        )
        expect(said.startsWith('failed')).toBe(at === 1)
        if (at > 1) {
          expectNamed(project, said)
          // A failure does not stop the rest.
          const others = project.ours().filter(each => /^(roles|repositories|budgets) /.test(each))
          expect(others.length).toBeLessThanOrEqual(1)
        }
        expect(project.ours().length > 0 && said === '').toBe(false)
        expect(await down(project)).toEqual([])
        expect(project.ours()).toEqual([])
      },
    )
  })

  test('shows the load balancer that the cluster left, with its costs and the command that deletes it', async () => {
    const project = await deployed()
    const left = await down(project, () => Promise.reject(new Error('the API server does not answer')))
    const link = `https://www.googleapis.com/compute/v1/projects/my-project-1/regions/r/forwardingRules/a${name}`
    expect(left).toEqual([
      `a forwarding rule of a load balancer (${link}): about $0.025 an hour; to delete it: gcloud compute forwarding-rules ` +
        `delete ${link} --project=my-project-1 --quiet`,
    ])
    project.run((left[0] as string).replace(/.*: gcloud /, '').split(' '))
    expect(await down(project)).toEqual([])
  })
})

test('every command names the project, and no other', async () => {
  const commands = [...upCommands, ...downCommands]
  expect(commands.length).toBeGreaterThan(30)
  for (const args of commands) {
    const projects = args.join(' ').match(/(?<=--(?:billing-)?project=|projects\/|^projects \S+ )[\w-]+/g) ?? []
    expect([args, [...new Set(projects)]]).toEqual([args, ['my-project-1']])
  }
})
