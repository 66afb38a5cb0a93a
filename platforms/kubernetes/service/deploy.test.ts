import { afterEach, describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import { apiOf, clusterOf, pod, programs, serving } from '../../../test/kubectl.ts'
import { readClusterSettings } from '../cluster-settings.ts'
import { deployService, removeService, withImage } from './deploy.ts'

const NAME = SERVICE_CONFIG.name

const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})

const REFERENCE = `localhost:5000/${NAME}:0123456789ab`

describe('the image of manifests', () => {
  test.each([
    [`image: ${NAME}`],
    [`image: ${NAME}:dev`],
    [`image: REGION-docker.pkg.dev/PROJECT/REPOSITORY/${NAME}:TAG`], // of the overlay for GKE
    [`image: localhost:5000/${NAME}`],
  ])('is replaced: %s', image => {
    expect(withImage(`a:\n      - ${image}\n        ${image}\nb: c\n`, REFERENCE)).toBe(
      `a:\n      - image: ${REFERENCE}\n        image: ${REFERENCE}\nb: c\n`,
    )
  })

  test('is replaced in every call', () => {
    for (let i = 0; i < 3; i++) expect(withImage(`image: ${NAME}`, 'b')).toBe('image: b')
  })

  test('of another program is not replaced', () => {
    const others = ['image: busybox', `image: ${NAME}-extra:1`, `image: a/not-${NAME}`, `# image: ${NAME}`]
    const manifests = others.join('\n')
    expect(withImage(`image: ${NAME}\n${manifests}`, 'b')).toBe(`image: b\n${manifests}`)
    expect(() => withImage(manifests, 'b')).toThrow(
      new UserError(`no manifest has the image ${NAME}; compare k8s/base`),
    )
  })
})

describe('a deployment', () => {
  const docker = `case "$1" in
    version) echo 28 ;;
    build) while [ "$1" != --iidfile ]; do shift; done; printf 'sha256:0123456789abcdef' > "$2" ;;
  esac`

  test('applies the overlay with the image that was pushed, and waits for its pods', async () => {
    process.env.PATH = programs({ docker })
    const { cluster, calls } = clusterOf(([command]) => (command === 'kustomize' ? `image: ${NAME}` : ''))
    const said: string[] = []
    let asked = 0
    const api = apiOf(() => serving(pod('a', asked++ < 4 ? { conditions: [] } : {})))
    const settings = readClusterSettings({ REGISTRY: 'localhost:5000' }, true)
    await deployService(cluster, api, settings, line => said.push(line), new AbortController().signal)
    expect(calls.map(({ args }) => args.replace(/\S+\/k8s/, 'k8s'))).toEqual([
      'kustomize k8s/overlays/local',
      'apply -f -',
    ])
    expect(calls[1]?.stdin).toBe(`image: ${REFERENCE}`)
    expect(said).toContain(`applying k8s/overlays/local with ${REFERENCE}`)
    expect(asked).toBeGreaterThan(4)
  })

  test('changes nothing when the image cannot be built', async () => {
    process.env.PATH = programs({ docker: '[ "$1" = build ] && echo "no space left" && exit 1; exit 0' })
    const { cluster, calls } = clusterOf()
    const deployed = deployService(
      cluster,
      apiOf(() => ({})),
      readClusterSettings({}, true),
      () => {},
    )
    await expect(deployed).rejects.toThrow('no space left')
    expect(calls).toEqual([])
  })

  test('is removed with its namespace, if that exists', async () => {
    expect(await removeService(clusterOf(() => `namespace "${NAME}" deleted\n`).cluster)).toEqual([
      `${NAME}: deleted, with everything in it`,
    ])
    const { cluster, calls } = clusterOf()
    expect(await removeService(cluster)).toEqual([])
    expect(calls[0]?.args).toBe(`delete namespace ${NAME} --ignore-not-found --wait=true`)
  })
})
