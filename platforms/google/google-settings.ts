import { readChoice, readInteger } from '../../lib/read-variable.ts'
import { UserError } from '../../lib/user-error.ts'
import { NAMESPACE } from '../kubernetes/cluster/names.ts'

/** The variables of {@link GoogleSettings}. */
export const GOOGLE_VARIABLES = {
  PROJECT: 'id of the Google Cloud project to act on; no other project is touched',
  ZONE: 'zone of the cluster, such as europe-west1-b; its region has the registry and the load balancer',
  SPOT: '1: a Spot node, for about 40 % of the price; Google may stop it at any time (default: 0)',
  MACHINE: 'machine type of the node (default: e2-standard-2)',
  BILLING_ACCOUNT:
    'id of a billing account, such as 0X0X0X-0X0X0X-0X0X0X: makes a budget with alerts by e-mail (default: none)',
  BUDGET: 'amount of the budget per month, in the currency of the billing account (default: 10)',
  DRY_RUN: '1: print the gcloud commands, and run nothing',
}

/** Where and what the cloud commands make, by {@link GOOGLE_VARIABLES}. */
export interface GoogleSettings {
  readonly project: string
  readonly zone: string
  readonly region: string
  readonly spot: boolean
  readonly machine: string
  readonly billingAccount: string | undefined
  readonly budget: number
  readonly dryRun: boolean
  /** Name of the cluster, the repository and the budget. */
  readonly name: string
  /** Variables of the command line with which another command acts on the same cluster. */
  readonly place: string
}

/** Reads the settings. Throws a {@link UserError} that names the variable that is missing or not accepted. */
export function readGoogleSettings(env: NodeJS.Dict<string>): GoogleSettings {
  const demand = (variable: 'PROJECT' | 'ZONE', pattern: RegExp, example: string) => {
    const text = env[variable] ?? ''
    if (pattern.test(text)) return text
    throw new UserError(`${variable}: "${text}" is not accepted; it takes ${example}`)
  }
  const project = demand(
    'PROJECT',
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    'the id of a Google Cloud project, such as my-project-1',
  )
  const zone = demand('ZONE', /^[a-z]+-[a-z]+\d+-[a-z]$/, 'a zone of Google Cloud, such as europe-west1-b')
  return {
    project,
    zone,
    region: zone.replace(/-[a-z]$/, ''),
    spot: readChoice(env, 'SPOT', ['0', '1'], '0') === '1',
    machine: env.MACHINE || 'e2-standard-2',
    billingAccount: env.BILLING_ACCOUNT || undefined,
    budget: readInteger(env, 'BUDGET', { minimum: 1, fallback: 10 }),
    dryRun: readChoice(env, 'DRY_RUN', ['0', '1'], '0') === '1',
    name: NAMESPACE,
    place: `PROJECT=${project} ZONE=${zone}`,
  }
}

/** The context of kubectl that `gcloud container clusters get-credentials` makes. */
export const contextOf = ({ project, zone, name }: GoogleSettings) => `gke_${project}_${zone}_${name}`

/** The registry of the images, as the variable REGISTRY takes it. */
export const registryOf = ({ project, region, name }: GoogleSettings) => `${region}-docker.pkg.dev/${project}/${name}`
