import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/**
 * Finds the browser that CHROMIUM names or that is on PATH, and returns a function that starts it. Without a browser, warns that
 * the test is skipped and returns undefined; throws in CI, because a skipped test proves nothing.
 * @param what name of the test, for the message
 */
export function browserFor(what: string): (() => Promise<Browser>) | undefined {
  const executablePath = process.env.CHROMIUM ?? NAMES.map(name => Bun.which(name)).find(path => path !== null)
  if (executablePath === undefined) {
    const missing = `${what}: none of ${NAMES.join(', ')} is on PATH; install one, or name it in CHROMIUM`
    if (process.env.CI === 'true') throw new Error(missing)
    console.warn(`SKIPPED: ${missing}`)
    return undefined
  }
  return () =>
    chromium.launch({
      executablePath,
      // No host name resolves, so that only 127.0.0.1 is reached. Chromium's sandbox needs rights that a container lacks.
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
