/** Asks until the answer is true. Throws when so many seconds have passed; choose them generously, for busy machines. */
export async function until(seconds: number, what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await ask()); await Bun.sleep(20))
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
}
