import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CACHE_VARIABLE, SERVICE_CONFIG } from '../service.config.ts'
import { ensureProgram, ensurePrograms, ensureTree } from './install.ts'
import { cacheFolder, type InstallOptions } from './install-options.ts'
import { GRAFANA, PROGRAMS, type Program, type Tree } from './programs.ts'

const NAME = SERVICE_CONFIG.name

setDefaultTimeout(60_000) // for processes and sockets on a machine that is busy

const script = (output: string) => `#!/bin/sh\necho "${output}"\n`
const sha256Of = (bytes: Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
const otherThan = (checksum: string) => checksum.replace(/^./, first => (first === '0' ? '1' : '0'))

const ARCHIVE = await new Bun.Archive(
  {
    'meter-1.5.0-linux-amd64/LICENSE': 'yes',
    'meter-1.5.0-linux-amd64/gauge': script('released gauge'),
    'meter-1.5.0-linux-amd64/dial': script('released dial'),
  },
  { compress: 'gzip' },
).bytes()
const CHECKSUM = sha256Of(ARCHIVE)

function program(name: string, sha256 = CHECKSUM): Program {
  const url = 'https://releases.example/meter-1.5.0-{platform}.tar.gz'
  return {
    name,
    oldest: '1.2.0',
    release: { version: '1.5.0', url, programs: ['gauge', 'dial'], sha256: { 'linux-amd64': sha256 } },
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
/** A program of a release of its own. */
const valve: Program = {
  ...program('valve'),
  release: {
    version: '2.0.0',
    url: 'https://releases.example/valve-2.0.0-{platform}.tar.gz',
    programs: ['valve'],
    sha256: { 'linux-amd64': CHECKSUM },
  },
}

// Each test has a home of its own, with an empty cache, and with one folder on PATH that has what the test puts there.
let home: string
let cache: string
let said: string[]
let open: { stop(force: boolean): unknown }[]
/** Seconds; it stands still but for {@link advance}. */
let now: number
let ticks: Set<() => void>

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), `${NAME}-`))
  cache = join(home, 'cache')
  said = []
  open = []
  now = 0
  ticks = new Set()
  mkdirSync(join(home, 'bin'))
  for (const name of ['tar', 'gzip']) symlinkSync(Bun.which(name) as string, join(home, 'bin', name))
})

afterEach(() => {
  for (const server of open) server.stop(true)
  rmSync(home, { recursive: true })
})

const clock = {
  now: () => now,
  every(_: number, run: () => void) {
    ticks.add(run)
    return () => void ticks.delete(run)
  },
}

/** Moves the clock, and calls all that is to be called in intervals. */
function advance(seconds: number): void {
  now += seconds
  for (const tick of ticks) tick()
}

/** Waits for something that other processes and sockets do, in real time; the limit is that of the test. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await Bun.sleep(5)
}

/** Waits for a line of progress that has a text; the clock stands still. */
const untilProgress = (text: string) =>
  until(() => {
    advance(0)
    return said.some(line => line.includes(text))
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

/** The same, but its builds wait for the file "go-on". */
function waitingGoOnPath(): void {
  goOnPath()
  const file = join(home, 'bin', 'go')
  const waiting = `exit 0\nwhile [ ! -e "$HOME/go-on" ]; do ${Bun.which('sleep')} 0.01; done`
  writeFileSync(file, readFileSync(file, 'utf8').replace('exit 0', waiting))
}

const goCalls = () => (existsSync(join(home, 'go-calls')) ? readFileSync(join(home, 'go-calls'), 'utf8') : '')

/** The first word of each call. */
const goSteps = () =>
  goCalls()
    .split('\n')
    .flatMap(call => call.split(' ')[0] || [])

/** Serves the release, or another answer; `requests` are the paths that were asked for. */
function serve(answer: (path: string) => Response | Promise<Response> = () => new Response(ARCHIVE)) {
  const requests: string[] = []
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch(request) {
      const { pathname } = new URL(request.url)
      requests.push(pathname)
      return answer(pathname)
    },
  })
  open.push(server)
  return { requests, downloads: server.url.origin }
}

/** A server that answers byte by byte, because Bun.serve sends no length with a body that it is given in parts. */
function serveRaw(
  answer: (socket: { write(bytes: string | Uint8Array): unknown; end(): unknown }) => void | Promise<void>,
): string {
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: answer } })
  open.push(server)
  return `http://127.0.0.1:${server.port}`
}

/** A server that closes the connection after a part of the body. */
const serveTruncated = (headers: string) =>
  serveRaw(socket => {
    socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n3\r\nabc`)
    socket.end()
  })

/** A body that begins and never ends. */
const stalling = () => new ReadableStream({ start: controller => controller.enqueue(ARCHIVE.subarray(0, 10)) })

/** Nothing ever listens on port 1 of this machine. */
const UNREACHABLE = 'http://127.0.0.1:1'

const withTestSettings = (options: InstallOptions): InstallOptions => ({
  env: { HOME: home, PATH: join(home, 'bin') },
  cache,
  platform: 'linux-amd64',
  downloads: UNREACHABLE,
  say: line => said.push(line),
  clock,
  ...options,
})
const ensure = (wanted: Program, options: InstallOptions = {}) => ensureProgram(wanted, withTestSettings(options))
const ensureAll = (wanted: Program[], options: InstallOptions = {}) => ensurePrograms(wanted, withTestSettings(options))
const ensureWhole = (wanted: Tree, options: InstallOptions = {}) => ensureTree(wanted, withTestSettings(options))

const messageOf = (installation: Promise<unknown>) =>
  installation.then(
    path => expect.unreachable(`it returned ${path}`),
    (error: Error) => error.message,
  )
const failure = (wanted: Program, options?: InstallOptions) => messageOf(ensure(wanted, options))

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
    const pinned = otherThan(CHECKSUM)
    const message = await failure(program('gauge', pinned), { downloads: serve().downloads })
    expect(message).toStartWith('gauge 1.5.0: WRONG CHECKSUM')
    expect(message).toContain(`is ${CHECKSUM}, not ${pinned}`)
    expect(cached()).toEqual([])
    expect(goCalls()).toBe('')
  })

  test('without one of the programs is a mistake in the table', async () => {
    const wanted = { ...gauge, release: { ...gauge.release, programs: ['gauge', 'hand'] } }
    const message = await failure(wanted, { downloads: serve().downloads })
    expect(message).toContain('/meter-1.5.0-linux-amd64.tar.gz cannot be unpacked')
    expect(message).not.toContain('\n')
    expect(cached()).toEqual([])
  })

  test('may be slow as long as something comes; a line now and then says how far it is, and for how long', async () => {
    const half = Math.ceil(ARCHIVE.length / 2)
    const downloads = serveRaw(async socket => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${ARCHIVE.length}\r\n\r\n`)
      await until(() => said.length === 2)
      advance(10)
      socket.write(ARCHIVE.subarray(0, half))
      await untilProgress('(50 %)')
      advance(10)
      socket.write(ARCHIVE.subarray(half))
    })
    expect(run(await ensure(gauge, { downloads }))).toBe('released gauge')
    expect(said).toContain('gauge 1.5.0: downloaded 0.0 MB of 0.0 MB (50 %) in 10 s')
  })

  test('is given up when aborted, with the reason, and nothing else is tried', async () => {
    const stop = new AbortController()
    const { downloads } = serve(() => {
      stop.abort(new Error('enough'))
      return new Response(stalling())
    })
    expect(await failure(gauge, { downloads, signal: stop.signal })).toBe('enough')
    expect(cached()).toEqual([])
  })

  test('is not unpacked where there is no tar: Go builds', async () => {
    goOnPath()
    rmSync(join(home, 'bin', 'tar'))
    const { requests, downloads } = serve()
    expect(run(await ensure(gauge, { downloads }))).toBe('built')
    expect(said[0]).toContain('there is no tar on PATH')
    expect(requests).toEqual([])
  })
})

describe('where no whole release comes, Go builds', () => {
  test.each([
    ['refused connection', () => UNREACHABLE, 'ECONNREFUSED: Unable to connect'],
    ['answer of no use', () => serve(() => new Response('', { status: 404 })).downloads, 'HTTP status 404'],
    ['short body', () => serveTruncated('content-length: 100'), 'closed unexpectedly'],
    ['short body of unknown length', () => serveTruncated('transfer-encoding: chunked'), 'closed unexpectedly'],
  ])('%s', async (_, start, reason) => {
    goOnPath()
    const path = await ensure(gauge, { downloads: start() })
    expect(path).toBe(join(cache, 'gauge-1.5.0', 'gauge'))
    expect(run(path)).toBe('built')
    expect(cached()).toEqual(['gauge-1.5.0', 'gauge-1.5.0/gauge'])
    const fallback = said.find(line => line.includes('building it from its Go module instead: takes about 4 min'))
    expect(fallback).toStartWith('gauge 1.5.0: the official release cannot be downloaded (')
    expect(fallback).toContain(reason)
  })

  test('a server that never answers: it is waited for as long as may be, and no longer', async () => {
    goOnPath()
    const installation = ensure(gauge, { downloads: serveRaw(() => {}) })
    await until(() => ticks.size === 2) // the download and the line of progress
    advance(15)
    expect(said.join('\n')).not.toContain('building')
    advance(1)
    expect(run(await installation)).toBe('built')
    expect(said.join('\n')).toContain('gauge 1.5.0: the official release cannot be downloaded (nothing came for 15 s)')
  })

  test('a body that stalls', async () => {
    goOnPath()
    const { downloads } = serve(() => new Response(stalling()))
    const installation = ensure(gauge, { downloads })
    await until(() => {
      advance(16)
      return goCalls() !== ''
    })
    expect(run(await installation)).toBe('built')
    expect(said.join('\n')).toContain('cannot be downloaded (nothing came for 15 s)')
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

  test('shows for how long it builds, and how long that usually takes', async () => {
    waitingGoOnPath()
    const installation = ensure(gauge)
    await until(() => goSteps().includes('build'))
    advance(70)
    expect(said.at(-1)).toBe('gauge 1.5.0: building for 70 s of about 4 min')
    writeFileSync(join(home, 'go-on'), '')
    await installation
    expect(said.at(-1)).toBe('gauge 1.5.0: built in 70 s')
    expect(ticks.size).toBe(0)
  })
})

describe('several programs', () => {
  const archiveOfValve = new Bun.Archive(
    { 'valve-2.0.0-linux-amd64/valve': script('released valve') },
    { compress: 'gzip' },
  )
  const valveOf = async () => {
    const bytes = await archiveOfValve.bytes()
    const release = { ...valve.release, sha256: { 'linux-amd64': sha256Of(bytes) } }
    return { bytes, valve: { ...valve, release } }
  }

  test('come in the order that they were asked for, from PATH, cache and releases; one release is asked for once', async () => {
    const onItsPath = onPath('lever', 'echo "lever, version 1.5.0"')
    const { bytes, valve } = await valveOf()
    const { requests, downloads } = serve(path => new Response(path.includes('valve') ? bytes : ARCHIVE))
    const paths = await ensureAll([dial, program('lever'), valve, gauge, dial], { downloads })
    expect(paths[1]).toBe(onItsPath)
    expect(paths.toSpliced(1, 1).map(run)).toEqual([
      'released dial',
      'released valve',
      'released gauge',
      'released dial',
    ])
    expect(requests.sort()).toEqual(['/meter-1.5.0-linux-amd64.tar.gz', '/valve-2.0.0-linux-amd64.tar.gz'])
    expect(said.some(line => line.startsWith('dial and gauge 1.5.0: downloading'))).toBeTrue()
  })

  test('are downloaded side by side, and one line of progress is about all of them', async () => {
    const { bytes, valve } = await valveOf()
    const answers = Promise.withResolvers<void>()
    const { requests, downloads } = serve(async path => {
      await answers.promise
      return new Response(path.includes('valve') ? bytes : ARCHIVE)
    })
    const installation = ensureAll([gauge, valve], { downloads })
    await until(() => requests.length === 2) // none has been answered yet
    advance(10)
    const size = 'downloaded 0.0 MB of an unknown size in 10 s'
    expect(said).toContain(`gauge 1.5.0: ${size}; valve 2.0.0: ${size}`)
    answers.resolve()
    expect((await installation).map(run)).toEqual(['released gauge', 'released valve'])
  })

  test('are built one after the other, and no build waits for the download of another', async () => {
    waitingGoOnPath()
    const { bytes, valve } = await valveOf()
    const pump = {
      ...program('pump'),
      release: { ...gauge.release, url: 'https://releases.example/pump-1.5.0.tar.gz' },
    }
    const { requests, downloads } = serve(async path => {
      if (!path.includes('valve')) return new Response('', { status: 404 })
      await until(() => goSteps().filter(step => step === 'build').length === 3) // the last one has begun
      return new Response(bytes)
    })
    const installation = ensureAll([gauge, valve, dial, pump], { downloads })
    await until(() => requests.length === 3 && goSteps().includes('build'))
    writeFileSync(join(home, 'go-on'), '')
    expect((await installation).map(run)).toEqual(['built', 'released valve', 'built', 'built'])
    expect(goSteps()).toEqual(Array.from({ length: 3 }, () => ['mod', 'get', 'build']).flat())
  })

  test('fail together as soon as one fails: the others are stopped, and nothing is left', async () => {
    const { valve } = await valveOf()
    const { downloads } = serve(path => new Response(path.includes('valve') ? stalling() : ARCHIVE))
    const message = await messageOf(ensureAll([valve, program('gauge', otherThan(CHECKSUM))], { downloads }))
    expect(message).toStartWith('gauge 1.5.0: WRONG CHECKSUM')
    expect(cached()).toEqual([])
    expect(ticks.size).toBe(0)
  })
})

describe('an archive that is needed whole', () => {
  /** Makes an archive of a folder with a program and a link, as tar writes it; `top` is the folder's name in it. */
  async function treeArchive(top = 'widget-v3'): Promise<{ bytes: Uint8Array<ArrayBuffer>; widget: Tree }> {
    const folder = join(home, 'made', top)
    for (const name of ['bin', 'data/empty']) mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'bin/widget'), script('whole widget'))
    chmodSync(join(folder, 'bin/widget'), 0o755)
    symlinkSync('bin/widget', join(folder, 'link'))
    await Bun.$`tar -czf ${home}/tree.tar.gz -C ${home}/made ./${top}`
    const bytes = await Bun.file(join(home, 'tree.tar.gz')).bytes()
    return {
      bytes,
      widget: {
        ...{ name: 'widget', version: '3.0.0', program: 'bin/widget', downloadMegabytes: 457, unpackedMegabytes: 1400 },
        url: 'https://releases.example/3.0.0/widget_{arch}.tar.gz',
        sha256: { 'linux-amd64': sha256Of(bytes) },
      },
    }
  }
  const WHOLE = ['', '/bin', '/bin/widget', '/data', '/data/empty', '/link'].map(path => `widget-3.0.0${path}`)

  test.each(['widget-v3', 'widget-3.0.0-pre'])(
    'is kept, whatever its folder is called (%s); the size is said first',
    async top => {
      const { bytes, widget } = await treeArchive(top)
      const { requests, downloads } = serve(() => new Response(bytes))
      const folder = await ensureWhole(widget, { downloads })
      expect(folder).toBe(join(cache, 'widget-3.0.0'))
      expect(run(join(folder, 'link'))).toBe('whole widget')
      expect(cached()).toEqual(WHOLE)
      expect(requests).toEqual(['/3.0.0/widget_amd64.tar.gz'])
      expect(said).toEqual([
        `widget 3.0.0: 457 MB to download, 1400 MB in ${cache} when it is unpacked`,
        `widget 3.0.0: downloading the official release, ${downloads}/3.0.0/widget_amd64.tar.gz`,
        'widget 3.0.0: downloading 0.0 MB',
        'widget 3.0.0: installed',
      ])
    },
  )

  test('is not asked for again, nor is anything said, when the cache has it', async () => {
    const { bytes, widget } = await treeArchive()
    const { requests, downloads } = serve(() => new Response(bytes))
    await ensureWhole(widget, { downloads })
    said = []
    expect(await ensureWhole(widget, { downloads })).toBe(join(cache, 'widget-3.0.0'))
    expect(requests).toHaveLength(1)
    expect(said).toEqual([])
  })

  test('shows how far the download is, and for how long', async () => {
    const { bytes, widget } = await treeArchive()
    const downloads = serveRaw(async socket => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`)
      socket.write(bytes.subarray(0, Math.ceil(bytes.length / 4)))
      await untilProgress('(25 %)')
      socket.write(bytes.subarray(Math.ceil(bytes.length / 4)))
    })
    await ensureWhole(widget, { downloads })
    expect(said).toContain('widget 3.0.0: downloaded 0.0 MB of 0.0 MB (25 %) in 0 s')
  })

  test('a wrong checksum leaves nothing', async () => {
    const { bytes, widget } = await treeArchive()
    const { downloads } = serve(() => new Response(bytes))
    const wanted = { ...widget, sha256: { 'linux-amd64': otherThan(sha256Of(bytes)) } }
    expect(await messageOf(ensureWhole(wanted, { downloads }))).toContain('WRONG CHECKSUM, nothing is installed')
    expect(cached()).toEqual([])
  })

  test('one that cannot be unpacked leaves nothing', async () => {
    const { bytes, widget } = await treeArchive()
    const broken = bytes.subarray(0, -20)
    const { downloads } = serve(() => new Response(broken))
    const wanted = { ...widget, sha256: { 'linux-amd64': sha256Of(broken) } }
    expect(await messageOf(ensureWhole(wanted, { downloads }))).toContain('cannot be unpacked')
    expect(cached()).toEqual([])
  })

  test('a download that is aborted leaves nothing', async () => {
    const { bytes, widget } = await treeArchive()
    const stop = new AbortController()
    const downloads = serveRaw(async socket => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`)
      socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)))
      await untilProgress('(50 %)')
      stop.abort(new Error('enough'))
    })
    expect(await messageOf(ensureWhole(widget, { downloads, signal: stop.signal }))).toBe('enough')
    expect(cached()).toEqual([])
  })

  test('one without its program is a mistake in the table, and leaves nothing', async () => {
    const { bytes, widget } = await treeArchive()
    const { downloads } = serve(() => new Response(bytes))
    const message = await messageOf(ensureWhole({ ...widget, program: 'bin/gadget' }, { downloads }))
    expect(message).toContain('has no FOLDER/bin/gadget')
    expect(cached()).toEqual([])
  })

  test.each([
    ['an interrupted download', () => serveTruncated('content-length: 100'), 'closed unexpectedly'],
    [
      'a server that does not have it',
      () => serve(() => new Response('', { status: 404 })).downloads,
      'HTTP status 404',
    ],
  ])('%s leaves nothing, and says what to do', async (_, start, reason) => {
    const { widget } = await treeArchive()
    const message = await messageOf(ensureWhole(widget, { downloads: start() }))
    expect(message).toStartWith('widget 3.0.0: the official release cannot be downloaded (')
    expect(message).toContain(reason)
    expect(message).toEndWith('try again with access to the server, or install widget on PATH')
    expect(cached()).toEqual([])
  })

  test('is not downloaded to a disk that has no room for it', async () => {
    const { bytes, widget } = await treeArchive()
    const { requests, downloads } = serve(() => new Response(bytes))
    const message = await messageOf(ensureWhole(widget, { downloads, freeBytes: () => 1_856_999_999 }))
    expect(message).toBe(
      `widget 3.0.0: ${cache} has 1856 MB free, but the archive and its content need 1857 MB; ` +
        `make room, or set ${CACHE_VARIABLE} to a folder on another disk`,
    )
    expect(requests).toEqual([])
    expect(cached()).toEqual([])
    await ensureWhole(widget, { downloads, freeBytes: () => 1_857_000_000 })
  })
})

test('what a killed installation has left in the cache is removed after a day', async () => {
  for (const name of ['tmp-old', 'tmp-new', 'other']) mkdirSync(join(cache, name), { recursive: true })
  const yesterday = Date.now() / 1000 - 25 * 60 * 60
  for (const name of ['tmp-old', 'other']) utimesSync(join(cache, name), yesterday, yesterday)
  await failure(gauge)
  expect(cached()).toEqual(['other', 'tmp-new'])
})

test('a cache that cannot be written is an error that names the variable', async () => {
  writeFileSync(cache, '')
  expect(await failure(gauge)).toContain(`set ${CACHE_VARIABLE} to another folder`)
})

test('the cache is at NAME_CACHE, else with the caches of the user', () => {
  expect(cacheFolder({ [CACHE_VARIABLE]: '/t', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/t')
  expect(cacheFolder({ [CACHE_VARIABLE]: '', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe(`/x/${NAME}`)
  expect(cacheFolder({ HOME: '/h' })).toBe(`/h/.cache/${NAME}`)
  expect(cacheFolder({ [CACHE_VARIABLE]: 'here' })).toBe(join(process.cwd(), 'here'))
})

test('the table: names are keys, releases have their program, and checksums are SHA-256', () => {
  for (const [key, { name, release }] of Object.entries<Program>(PROGRAMS)) {
    expect(name).toBe(key)
    expect(release.programs).toContain(name)
  }
  for (const { url, version, sha256 } of [GRAFANA, ...Object.values<Program>(PROGRAMS).map(({ release }) => release)]) {
    expect(url).toStartWith('https://')
    expect(url).toContain(version)
    for (const checksum of Object.values(sha256)) expect(checksum).toMatch(/^[0-9a-f]{64}$/)
  }
})

describe('the command line', () => {
  const environment = () => ({
    HOME: home,
    PATH: join(home, 'bin'),
    [CACHE_VARIABLE]: cache,
    HTTPS_PROXY: UNREACHABLE, // nothing listens there: it keeps this off the network, whatever the machine has
  })

  const start = (...names: string[]) => startWith({}, ...names)

  function startWith(more: Record<string, string>, ...names: string[]) {
    return Bun.spawn([process.execPath, join(import.meta.dir, '../cli/main.ts'), ...names], {
      env: { ...environment(), ...more },
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
    expect(await outcome(start('programs', 'promtool', 'k6'))).toEqual({
      status: 0,
      stdout: `promtool\t${promtool}\nk6\t${k6}\n`,
      stderr: '',
    })
  })

  test('--help names the programs and the cache', async () => {
    const { status, stdout } = await outcome(start('programs', '--help'))
    expect(status).toBe(0)
    for (const part of [cache, ...Object.keys(PROGRAMS)]) expect(stdout).toContain(part)
  })

  test.each([
    [['k6', 'k7'], 'k7'],
    [['toString'], 'toString'],
  ])('%j: exit 1', async (names, named) => {
    const { status, stdout, stderr } = await outcome(start('programs', ...names))
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`${named} cannot be installed; name one or more of ${Object.keys(PROGRAMS).join(', ')}\n`)
  })

  test('grafana that is in the cache: its path, and nothing else', async () => {
    mkdirSync(join(cache, `grafana-${GRAFANA.version}`), { recursive: true })
    const stdout = `grafana\t${join(cache, `grafana-${GRAFANA.version}`, 'bin/grafana')}\n`
    expect(await outcome(start('grafana'))).toEqual({ status: 0, stdout, stderr: '' })
  })

  test('grafana that cannot be had: its size is said first, and from where it would come', async () => {
    const { status, stdout, stderr } = await outcome(startWith({ FORCE_COLOR: '1' }, 'grafana'))
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    // without the colour of errors, which console.error gives
    expect(stderr).toStartWith(
      `grafana ${GRAFANA.version}: 457 MB to download, 1400 MB in ${cache} when it is unpacked\n`,
    )
    expect(stderr).toContain('downloading the official release, https://dl.grafana.com/grafana/release/')
    expect(cached()).toEqual([])
  })

  test('make up asks for what it starts, so not for k6 and promtool', async () => {
    for (const name of ['prometheus', 'alertmanager', 'node_exporter', 'blackbox_exporter'] as const)
      onPath(name, `echo "${name}, version ${PROGRAMS[name].oldest}"`)
    symlinkSync(Bun.which('setpriv') as string, join(home, 'bin', 'setpriv'))
    const squatter = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
    open.push(squatter)
    const command = [process.execPath, join(import.meta.dir, '../cli/main.ts'), 'up']
    const child = Bun.spawn(command, {
      env: { ...environment(), PLATFORM: 'local', STACK_DIR: home, PORT: `${squatter.port}` },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const { status, stderr } = await outcome(child)
    expect(status).toBe(1)
    expect(stderr).toContain(`\nPORT: port ${squatter.port} of 127.0.0.1 is in use`) // which is seen to after the programs
    expect(stderr).not.toContain('k6')
  })

  test('a failure: exit 1, and its message without a stack', async () => {
    const { status, stdout, stderr } = await outcome(start('programs', 'k6'))
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
    onPath('go', `${Bun.which('sleep')} 600 & echo $! > "$HOME/made"; echo > "$HOME/started"; wait`)
    const child = start('programs', 'k6')
    await until(() => existsSync(join(home, 'started')))
    child.kill(signal)
    const { status, stderr } = await outcome(child)
    expect(status).toBe(code)
    expect(stderr).toEndWith(`stopped by ${signal}; everything that this command started has ended\n`)
    expect(cached()).toEqual([])
    const made = readFileSync(join(home, 'made'), 'utf8').trim()
    await until(() => /^(Z.*)?$/.test(Bun.spawnSync(['ps', '-o', 'stat=', '-p', made]).stdout.toString().trim()))
  })
})
