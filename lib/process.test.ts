import { describe, expect, test } from 'bun:test'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { poll } from './poll.ts'
import {
  CAN_TIE,
  collect,
  endProgram,
  lastLines,
  runProgram,
  startPiped,
  startProgram,
  startServer,
} from './process.ts'
import { UserError } from './user-error.ts'

const sh = (script: string) => ['sh', '-c', script]

describe('a program', () => {
  test('is run to its end; what it printed on standard output is given', async () => {
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'run-')))
    const options = { stdin: 'in', env: { PATH: process.env.PATH, A: 'b' }, cwd }
    expect(await runProgram(sh('cat; echo " $A"; pwd; echo no >&2'), options)).toBe(`in b\n${cwd}\n`)
  })

  test('has no standard input unless it is given some', async () => {
    expect(await runProgram(['cat'])).toBe('')
  })

  test('that is not there is named', async () => {
    const message = 'no-such-program is not on PATH; install it'
    await expect(runProgram(['no-such-program', 'x'])).rejects.toThrow(new UserError(message))
    await expect(runProgram(['ls'], { env: {} })).rejects.toThrow('ls is not on PATH')
  })

  test('that fails is named, with its last lines', async () => {
    const fails = runProgram(sh('seq 1 20 >&2; echo out; exit 3'))
    await expect(fails).rejects.toBeInstanceOf(UserError)
    await expect(fails).rejects.toThrow(/^sh -c seq .* … failed \(exit code 3\):\n {2}6\n {2}7\n( {2}\d+\n){12} {2}20$/)
  })

  test('that fails and says so on standard output is repeated too', async () => {
    await expect(runProgram(sh('echo it is broken; exit 1'))).rejects.toThrow(/\(exit code 1\):\n {2}it is broken$/)
  })

  test('ends when it is aborted, and is not started afterwards', async () => {
    const stop = new AbortController()
    const running = runProgram(['sleep', '600'], { signal: stop.signal })
    setTimeout(() => stop.abort(new UserError('stopped')), 100)
    expect(await running.catch(error => error)).toEqual(new UserError('stopped'))
    await expect(runProgram(['no-such-program'], { signal: stop.signal })).rejects.toThrow('stopped')
  })

  test('passes on each line of its output and its error output as it arrives', async () => {
    const lines: string[] = []
    const out = await runProgram(sh("printf 'a\\nb'; echo c >&2"), { onLine: line => lines.push(line) })
    expect(out).toBe('a\nb')
    expect(lines.sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('a server', () => {
  test('is ready when a line of its output matches', async () => {
    const { child, match } = await startServer(sh("echo starting; echo 'port 4567'; exec sleep 600"), /port (\d+)/, {
      timeoutSeconds: 30,
    })
    expect(match[1]).toBe('4567')
    child.kill()
    await child.exited
  })

  test('that ends or takes too long is an error', async () => {
    const ended = startServer(sh('echo no >&2; exit 1'), /port/, { timeoutSeconds: 30 })
    await expect(ended).rejects.toThrow(/ ended: no$/)
    const late = startServer(['sleep', '600'], /port/, { timeoutSeconds: 0.1 })
    await expect(late).rejects.toThrow(new UserError('sleep 600 was not ready within 0.1 s'))
  })
})

describe('a started program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-'))
  const isAlive = (pid: number) =>
    !/^(Z.*)?$/.test(
      Bun.spawnSync(['ps', '-o', 'stat=', '-p', `${pid}`])
        .stdout.toString()
        .trim(),
    )
  const ended = (pid: number) => poll(() => !isAlive(pid), { timeoutSeconds: 30, intervalSeconds: 0.01 })

  test('appends its output and its error output to a log', async () => {
    const log = join(folder, 'log')
    await startProgram(sh('echo one'), { output: { log } }).exited
    await startProgram(sh('echo two >&2; exit 3'), { output: { log } }).exited
    expect(lastLines(log, 5)).toEqual(['one', 'two'])
    expect(lastLines(log, 1)).toEqual(['two'])
  })

  test('gets the present environment of this process', async () => {
    process.env.PROCESS_TEST = 'present'
    expect(await collect(sh('echo $PROCESS_TEST'))).toEqual({ code: 0, out: 'present\n', err: '' })
    delete process.env.PROCESS_TEST
  })

  test('reads and writes through pipes', async () => {
    const child = startPiped(['cat'])
    child.stdin.write('ping')
    child.stdin.end()
    expect(await child.stdout.text()).toBe('ping')
    expect(await child.exited).toBe(0)
  })

  test('gets the signal of an abort, and so does what it started', async () => {
    const stop = new AbortController()
    const child = startPiped(sh('sleep 600 & echo $!; wait'), { signal: stop.signal, abortSignal: 'SIGKILL' })
    const { value } = await child.stdout.getReader().read()
    const grandchild = Number(new TextDecoder().decode(value))
    expect(isAlive(grandchild)).toBe(true)
    stop.abort()
    await child.exited
    expect(child.signalCode).toBe('SIGKILL')
    expect(await ended(grandchild)).toBe(true)
    expect(() => startProgram(['true'], { signal: stop.signal })).toThrow()
  })

  test('is ended by SIGTERM, also while it is paused', async () => {
    const child = startProgram(['sleep', '600'])
    child.kill('SIGSTOP')
    await endProgram(child, 30)
    expect(child.signalCode).toBe('SIGTERM')
  })

  test('that ignores SIGTERM is killed after the timeout', async () => {
    const child = startPiped(sh("trap '' TERM; echo ready; while :; do sleep 0.01; done"))
    await child.stdout.getReader().read()
    await endProgram(child, 0.2)
    expect(child.signalCode).toBe('SIGKILL')
  })

  /** Starts a program from another process, ends that process by a signal or by its own end, and returns the program's pid. */
  async function pidAfterParent(options: object, end: string): Promise<number> {
    const script = `
      const { startProgram } = await import(${JSON.stringify(join(import.meta.dir, 'process.ts'))})
      const child = startProgram(['sleep', '600'], ${JSON.stringify({ output: 'ignore', ...options })})
      const isRunning = async () => (await Bun.file('/proc/' + child.pid + '/comm').text()) === 'sleep\\n' // no more setpriv
      while (${process.platform === 'linux'} && !(await isRunning())) await Bun.sleep(5)
      await Bun.write(Bun.stdout, String(child.pid))
      child.unref()
      ${end}`
    const { out } = await collect([process.execPath, '-e', script])
    return Number(out)
  }

  test('ends with this process', async () => {
    expect(await ended(await pidAfterParent({}, 'process.exit(0)'))).toBe(true)
  })

  test.skipIf(!CAN_TIE)('ends with this process when this process is killed', async () => {
    expect(await ended(await pidAfterParent({}, "process.kill(process.pid, 'SIGKILL')"))).toBe(true)
  })

  test('outlives this process if it should', async () => {
    const pid = await pidAfterParent({ outlives: true }, 'process.exit(0)')
    expect(isAlive(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })
})
