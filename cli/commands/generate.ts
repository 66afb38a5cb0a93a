import { update } from '../../monitoring/generate.ts'
import type { CommandLine } from '../command.ts'
import { updateDocuments } from '../reference/generated-documents.ts'

export const command: CommandLine = {
  summary: 'Generate rules, dashboards, Helm values and the pages of docs/reference/generated',
  async run() {
    const changes = [...(await update()), ...(await updateDocuments())]
    console.log(changes.join('\n') || 'All generated files are up to date.')
    return 0
  },
}
