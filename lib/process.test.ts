import { describe, expect, test } from 'bun:test'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram, startServer } from './process.ts'
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
