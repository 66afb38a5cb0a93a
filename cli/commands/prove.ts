import { ensurePrograms } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import type { CommandLine } from '../command.ts'
import { announce, runTests } from '../test-tier.ts'

export const command: CommandLine = {
  summary: 'Run **/*.prove.ts: drills, overload, kills, hostile clients, the supervisor, a sample of the mutants, k6',
  details: 'All programs are needed. These tests take long because what they do is real.',
  async run(_, signal) {
    announce('prove', 24)
    await ensurePrograms(Object.values(PROGRAMS), { signal })
    const files = [...new Bun.Glob('*/**/*.prove.ts').scanSync()].filter(file => !file.startsWith('node_modules/'))
    const paths = files.sort().map(file => `./${file}`)
    return runTests(paths, signal)
  },
}
