import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureProgram } from './install.ts'
import { cacheFolder, type InstallOptions } from './options.ts'
import { PROGRAMS, type Program } from './programs.ts'

const script = (output: string) => `#!/bin/sh\necho "${output}"\n`

const ARCHIVE = await new Bun.Archive(
  {
    'meter-1.5.0-linux-amd64/LICENSE': 'yes',
    'meter-1.5.0-linux-amd64/gauge': script('released gauge'),
    'meter-1.5.0-linux-amd64/dial': script('released dial'),
  },
  { compress: 'gzip' },
).bytes()
const CHECKSUM = new Bun.CryptoHasher('sha256').update(ARCHIVE).digest('hex')

function program(name: string, sha256 = CHECKSUM): Program {
  const path = 'meter-1.5.0-{platform}.tar.gz'
  return {
    name,
    oldest: '1.2.0',
    release: { version: '1.5.0', path, programs: ['gauge', 'dial'], sha256: { 'linux-amd64': sha256 } },
    build: {
      package: `example.org/meter/cmd/${name}`,
      version: 'v0.15.0',
      oldestGo: '1.25.0',
      flags: ['-tags=small'],
      minutes: 4,
      note: 'has no hands',
    },
  }
}

const gauge = program('gauge')
const dial = program('dial')

// Each test has a home of its own, with an empty cache, and with one folder on PATH that has what the test puts there.
let home: string
let cache: string
let said: string[]
let open: { stop(force: boolean): unknown }[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tipping-point-'))
  cache = join(home, 'cache')
  said = []
  open = []
  mkdirSync(join(home, 'bin'))
})

afterEach(() => {
  for (const server of open) server.stop(true)
  rmSync(home, { recursive: true })
})

/** Puts a shell script on PATH; it has no commands but the shell's own. */
function onPath(name: string, body: string): string {
  const file = join(home, 'bin', name)
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}

/** A Go that writes down how it is called, and whose builds print "built". */
function goOnPath(): void {
  onPath(
    'go',
    `echo "$@" >> "$HOME/go-calls"
    [ "$1" = build ] || exit 0
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho built\\n' > "$2"`,
  )
}

const goCalls = () => (existsSync(join(home, 'go-calls')) ? readFileSync(join(home, 'go-calls'), 'utf8') : '')

/** Serves the release, or another answer; `requests` are the paths that were asked for. */
function serve(answer: () => Response = () => new Response(ARCHIVE)) {
  const requests: string[] = []
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      requests.push(new URL(request.url).pathname)
      return answer()
    },
  })
  open.push(server)
  return { requests, downloads: server.url.origin }
}

/** A server that closes the connection after a part of the body. */
function serveTruncated(headers: string): string {
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n3\r\nabc`)
        socket.end()
      },
    },
  })
  open.push(server)
  return `http://127.0.0.1:${server.port}`
}

/** A body that begins and never ends. */
const stalling = () => new ReadableStream({ start: controller => controller.enqueue(ARCHIVE.subarray(0, 10)) })

/** Nothing ever listens on port 1 of this machine. */
const UNREACHABLE = 'http://127.0.0.1:1'

const ensure = (wanted: Program, options: InstallOptions = {}) =>
  ensureProgram(wanted, {
    env: { HOME: home, PATH: join(home, 'bin') },
    cache,
    platform: 'linux-amd64',
    downloads: UNREACHABLE,
    say: line => said.push(line),
    ...options,
  })

const failure = (wanted: Program, options?: InstallOptions) =>
  ensure(wanted, options).then(
    path => expect.unreachable(`it returned ${path}`),
    (error: Error) => error.message,
  )

const run = (file: string) => Bun.spawnSync([file]).stdout.toString().trim()
const cached = () => (existsSync(cache) ? readdirSync(cache, { recursive: true }).sort() : [])

describe('a program on PATH', () => {
  test.each(['gauge, version 1.2.0 (branch: HEAD)', 'gauge v1.10.3 (go1.26.8, linux/amd64)'])(
    'is taken: %s',
    async v => {
      const file = onPath('gauge', `echo "${v}"`)
      expect(await ensure(gauge)).toBe(file)
      expect(said).toEqual([])
      expect(cached()).toEqual([])
    },
  )

  test('is taken where it prints its version to standard error', async () => {
    const file = onPath('gauge', 'echo "gauge, version 1.2.0" >&2')
    expect(await ensure(gauge)).toBe(file)
  })

  test.each([
    ['is older', 'echo "gauge, version 1.1.9"', 'it is 1.1.9, and 1.2.0 is the oldest'],
    ['is a candidate of the oldest', 'echo "gauge v1.2.0-rc.1"', 'it is 1.2.0-rc.1, and 1.2.0 is the oldest'],
    ['prints another version', 'echo "needs glibc 2.40.0"', 'its version cannot be read'],
    ['fails', 'echo "gauge, version 1.5.0"; exit 1', 'its version cannot be read'],
    ['is no program', '', 'its version cannot be read'],
  ])('is passed over where it %s', async (_, body, reason) => {
    const file = onPath('gauge', body)
    if (body === '') writeFileSync(file, '\x7fELF')
    const { downloads } = serve()
    expect(run(await ensure(gauge, { downloads }))).toBe('released gauge')
    expect(said[0]).toBe(`gauge 1.5.0: ${file} is passed over: ${reason}`)
  })
})

describe('the official release', () => {
  test('is downloaded, checked and unpacked, for all of its programs at once', async () => {
    const { requests, downloads } = serve()
    const path = await ensure(gauge, { downloads })
    expect(path).toBe(join(cache, 'gauge-1.5.0', 'gauge'))
    expect(run(path)).toBe('released gauge')
    expect(run(await ensure(dial, { downloads }))).toBe('released dial')
    expect(requests).toEqual(['/meter-1.5.0-linux-amd64.tar.gz'])
    expect(cached()).toEqual(['dial-1.5.0', 'dial-1.5.0/dial', 'gauge-1.5.0', 'gauge-1.5.0/gauge'])
    expect(said).toEqual([
      `gauge 1.5.0: downloading the official release, ${downloads}/meter-1.5.0-linux-amd64.tar.gz`,
      'gauge 1.5.0: downloading 0.0 MB',
    ])
  })

  test('is not asked for again, nor is anything said, when the cache has the program', async () => {
    await ensure(gauge, { downloads: serve().downloads })
    said = []
    expect(run(await ensure(gauge))).toBe('released gauge')
    expect(said).toEqual([])
  })

  test('serves two at once', async () => {
    const { downloads } = serve()
    const paths = await Promise.all([ensure(gauge, { downloads }), ensure(gauge, { downloads })])
    expect(paths.map(run)).toEqual(['released gauge', 'released gauge'])
    expect(cached()).toHaveLength(4)
  })

  test('of a wrong checksum stops all: nothing is kept, and Go is not called', async () => {
    goOnPath()
    const pinned = CHECKSUM.replace(/^./, first => (first === '0' ? '1' : '0'))
    const message = await failure(program('gauge', pinned), { downloads: serve().downloads })
    expect(message).toStartWith('gauge 1.5.0: WRONG CHECKSUM')
    expect(message).toContain(`is ${CHECKSUM}, not ${pinned}`)
    expect(cached()).toEqual([])
    expect(goCalls()).toBe('')
  })

  test('without one of the programs is a mistake in the table', async () => {
    const wanted = { ...gauge, release: { ...gauge.release, programs: ['gauge', 'hand'] } }
    expect(await failure(wanted, { downloads: serve().downloads })).toContain(
      'meter-1.5.0-linux-amd64/hand cannot be unpacked',
    )
    expect(cached()).toEqual([])
  })

  test('may be slow as long as something comes, and shows how far it is', async () => {
    const body = async function* () {
      for (let start = 0; start < ARCHIVE.length; start += 100) {
        yield ARCHIVE.subarray(start, start + 100)
        await Bun.sleep(400 / (ARCHIVE.length / 100))
      }
    }
    const { downloads } = serve(() => new Response(body))
    expect(run(await ensure(gauge, { downloads, stallTimeout: 0.3, progressInterval: 0.05 }))).toBe('released gauge')
    expect(said).toContain('gauge 1.5.0: downloaded 0.0 MB of an unknown size')
  })

  test('is given up when aborted, with the reason, and nothing else is tried', async () => {
    const stop = new AbortController()
    const { downloads } = serve(() => new Response(stalling()))
    setTimeout(() => stop.abort(new Error('enough')), 50)
    expect(await failure(gauge, { downloads, signal: stop.signal })).toBe('enough')
    expect(cached()).toEqual([])
  })
})

describe('where no whole release comes, Go builds', () => {
  test.each([
    ['refused connection', () => UNREACHABLE, 'ECONNREFUSED: Unable to connect'],
    ['answer of no use', () => serve(() => new Response('', { status: 404 })).downloads, 'HTTP status 404'],
    ['short body', () => serveTruncated('content-length: 100'), 'closed unexpectedly'],
    ['short body of unknown length', () => serveTruncated('transfer-encoding: chunked'), 'closed unexpectedly'],
    ['stalled body', () => serve(() => new Response(stalling())).downloads, 'nothing came for 0.1 s'],
  ])('%s', async (_, start, reason) => {
    goOnPath()
    const path = await ensure(gauge, { downloads: start(), stallTimeout: 0.1 })
    expect(path).toBe(join(cache, 'gauge-1.5.0', 'gauge'))
    expect(run(path)).toBe('built')
    expect(cached()).toEqual(['gauge-1.5.0', 'gauge-1.5.0/gauge'])
    const fallback = said.find(line => line.includes('building it from its Go module instead: takes about 4 min'))
    expect(fallback).toStartWith('gauge 1.5.0: the official release cannot be downloaded (')
    expect(fallback).toContain(reason)
  })

  test('a server that never answers', async () => {
    goOnPath()
    const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
    open.push(server)
    expect(run(await ensure(gauge, { downloads: `http://127.0.0.1:${server.port}`, stallTimeout: 0.1 }))).toBe('built')
  })

  test('a platform without a pinned release; nothing is asked for', async () => {
    goOnPath()
    const { requests, downloads } = serve()
    expect(run(await ensure(gauge, { downloads, platform: 'plan9-riscv64' }))).toBe('built')
    expect(said[0]).toStartWith('gauge 1.5.0: no official release is pinned for plan9-riscv64; building it')
    expect(said[1]).toBe('gauge 1.5.0: this build has no hands')
    expect(requests).toEqual([])
  })
})

describe('Go', () => {
  test('is called in a module of its own, for the pinned version', async () => {
    goOnPath()
    await ensure(gauge)
    const calls = goCalls()
      .replace(/-o \S+/, '-o FILE')
      .trim()
      .split('\n')
    expect(calls).toEqual([
      'mod init scratch',
      'get example.org/meter/cmd/gauge@v0.15.0',
      'build -trimpath -tags=small -o FILE example.org/meter/cmd/gauge',
    ])
  })

  test('that is missing: the message says what to install', async () => {
    expect(await failure(gauge)).toBe(
      'gauge 1.5.0: the official release cannot be downloaded (ECONNREFUSED: Unable to connect), and there is no Go to ' +
        'build it with; install gauge 1.2.0 or newer, or Go 1.25.0 or newer, on PATH',
    )
    expect(cached()).toEqual([])
  })

  test('that fails: the message has its last lines, and its log is kept', async () => {
    onPath('go', '[ "$1" = get ] || exit 0; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $i" >&2; done; exit 1')
    const [first, ...tail] = (await failure(gauge)).split('\n')
    const log = join(cache, 'gauge-1.5.0-go.log')
    expect(first).toContain('"go get" failed; install gauge 1.2.0 or newer, or Go 1.25.0 or newer, on PATH')
    expect(first).toContain(log)
    expect(tail.map(line => line.trim())).toEqual(Array.from({ length: 10 }, (_, i) => `line ${i + 3}`))
    expect(readFileSync(log, 'utf8')).toStartWith('line 1\n')
    expect(cached()).toEqual(['gauge-1.5.0-go.log'])
  })

  test('shows how long it takes', async () => {
    goOnPath()
    onPath('go', `${readFileSync(join(home, 'bin', 'go'), 'utf8')}\n/bin/sleep 0.15`)
    await ensure(gauge, { progressInterval: 0.05 })
    expect(said).toContain('gauge 1.5.0: building, 0 s so far')
  })
})

test('a cache that cannot be written is an error that names the variable', async () => {
  writeFileSync(cache, '')
  expect(await failure(gauge)).toContain('set TIPPING_POINT_CACHE to another folder')
})

test('the cache is at TIPPING_POINT_CACHE, else with the caches of the user', () => {
  expect(cacheFolder({ TIPPING_POINT_CACHE: '/t', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/t')
  expect(cacheFolder({ TIPPING_POINT_CACHE: '', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/tipping-point')
  expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/tipping-point')
  expect(cacheFolder({ TIPPING_POINT_CACHE: 'here' })).toBe(join(process.cwd(), 'here'))
})

test('the table: names are keys, releases have their program, and checksums are SHA-256', () => {
  for (const [key, { name, release }] of Object.entries<Program>(PROGRAMS)) {
    expect(name).toBe(key)
    expect(release.programs).toContain(name)
    expect(release.path).toContain(release.version)
    for (const checksum of Object.values(release.sha256)) expect(checksum).toMatch(/^[0-9a-f]{64}$/)
  }
})

describe('the command line', () => {
  function start(...names: string[]) {
    return Bun.spawn([process.execPath, join(import.meta.dir, 'cli.ts'), ...names], {
      // the proxy that nothing listens at keeps it off the network, whatever the machine has
      env: { HOME: home, PATH: join(home, 'bin'), TIPPING_POINT_CACHE: cache, HTTPS_PROXY: UNREACHABLE },
      stdout: 'pipe',
      stderr: 'pipe',
    })
  }

  async function outcome(child: ReturnType<typeof start>) {
    const [status, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    return { status, stdout, stderr }
  }

  test('prints a name, a tab and a path for each program', async () => {
    const k6 = onPath('k6', `echo "k6 v${PROGRAMS.k6.oldest} (go1.26)"`)
    const promtool = onPath('promtool', `echo "promtool, version ${PROGRAMS.promtool.oldest} (branch: )"`)
    expect(await outcome(start('promtool', 'k6'))).toEqual({
      status: 0,
      stdout: `promtool\t${promtool}\nk6\t${k6}\n`,
      stderr: '',
    })
  })

  test('--help names the programs and the cache', async () => {
    const { status, stdout } = await outcome(start('--help'))
    expect(status).toBe(0)
    for (const part of [cache, ...Object.keys(PROGRAMS)]) expect(stdout).toContain(part)
  })

  test.each([
    [['k6', 'k7'], 'k7'],
    [['toString'], 'toString'],
    [[], 'no program'],
  ])('%j: exit 2', async (names, named) => {
    const { status, stdout, stderr } = await outcome(start(...names))
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toBe(`${named} cannot be installed; name one or more of ${Object.keys(PROGRAMS).join(', ')}\n`)
  })

  test('a failure: exit 1, and its message without a stack', async () => {
    const { status, stdout, stderr } = await outcome(start('k6'))
    expect(status).toBe(1)
    expect(stdout).toBe('')
    const [announced, message, ...rest] = stderr.trimEnd().split('\n')
    expect(announced).toContain('downloading the official release, https://github.com/grafana/k6/')
    expect(message).toEndWith(
      `install k6 ${PROGRAMS.k6.oldest} or newer, or Go ${PROGRAMS.k6.build.oldestGo} or newer, on PATH`,
    )
    expect(rest).toEqual([])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends Go and what Go started, and leaves nothing', async (signal, code) => {
    onPath('go', '(/bin/sleep 0.5; echo > "$HOME/late") & echo > "$HOME/started"; wait')
    const child = start('k6')
    while (!existsSync(join(home, 'started'))) await Bun.sleep(10)
    child.kill(signal)
    const { status, stderr } = await outcome(child)
    expect(status).toBe(code)
    expect(stderr).toEndWith(`stopped by ${signal}; nothing half done is left\n`)
    expect(cached()).toEqual([])
    await Bun.sleep(600)
    expect(existsSync(join(home, 'late'))).toBeFalse()
  })
})
