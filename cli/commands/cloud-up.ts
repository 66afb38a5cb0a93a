import { createAll } from '../../platforms/google/cloud-project.ts'
import { addContext } from '../../platforms/google/cluster-access.ts'
import { costLines } from '../../platforms/google/costs.ts'
import type { CommandLine } from '../command.ts'
import { openGoogle } from '../open-google.ts'

export const command: CommandLine = {
  summary: 'Create a Kubernetes cluster with one node in Google Cloud, and a registry for images',
  details: `It takes about ten minutes, and costs money until make cloud-down; the first lines say how much. Run it again after a failure:
what exists stays. Each gcloud command is printed before it runs.`,
  async run(_, signal) {
    const { settings, options } = openGoogle(signal)
    const { say, gcloud } = options
    costLines(settings).forEach(say)
    if (settings.billingAccount === undefined)
      say('No budget warns you: BILLING_ACCOUNT is not set (gcloud billing accounts list shows yours)')
    await createAll(settings, options)
    await addContext(settings, gcloud)
    if (settings.dryRun) return
    say(
      `The cluster is up. Deploy to it: make cloud-deploy ${settings.place}\nRemove all: make cloud-down ${settings.place}`,
    )
  },
}
