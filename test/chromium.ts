import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/**
 * Finds the browser that CHROMIUM names or that is on PATH. Where there is none, warns that the test is skipped.
 * @param what what the test looks at, for the message
 * @returns starts the browser; undefined where there is none
 * @throws where there is none in CI: a test that CI skips proves nothing
 */
export function browserFor(what: string): (() => Promise<Browser>) | undefined {
  const executablePath = process.env.CHROMIUM ?? NAMES.map(name => Bun.which(name)).find(path => path !== null)
  if (executablePath === undefined) {
    const missing = `${what}: none of ${NAMES.join(', ')} is on PATH. Install one, or name it in CHROMIUM.`
    if (process.env.CI === 'true') throw new Error(missing)
    console.warn(`SKIPPED: ${missing}`)
    return undefined
  }
  return () =>
    chromium.launch({
      executablePath,
      // No name resolves and no address but this one is reached; the sandbox needs rights that a container has not.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
      ],
    })
}
