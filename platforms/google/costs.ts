import type { GoogleSettings } from './google-settings.ts'

/** Month of the list prices below, which are of us-central1 and in US dollars. Other regions cost up to a third more. */
const PRICES_OF = '2026-11'
const HOURS_PER_MONTH = 730

/** US dollars per hour. */
const DOLLARS = {
  cluster: 0.1,
  node: 0.067, // e2-standard-2
  spotNode: 0.027, // Spot prices change daily
  disk: (30 * 0.04) / HOURS_PER_MONTH, // 30 GB at $0.04 for a GB and month
  loadBalancer: 0.025, // one forwarding rule
} as const

/** What costs money while it exists: US dollars per hour, and what it is. */
function pricesOf({ spot }: Pick<GoogleSettings, 'spot'>) {
  return [
    { dollars: DOLLARS.cluster, of: 'cluster; Google credits this fee for one zonal cluster of a billing account' },
    spot
      ? {
          dollars: DOLLARS.spotNode,
          of: 'one Spot node e2-standard-2, which Google may stop at any time; the price changes daily',
        }
      : { dollars: DOLLARS.node, of: 'one node e2-standard-2' },
    { dollars: DOLLARS.disk, of: '30 GB of pd-standard for the node' },
    { dollars: DOLLARS.loadBalancer, of: 'load balancer, from make cloud-deploy on' },
  ]
}

const perHour = (dollars: number) => `$${dollars.toFixed(3)} an hour`

/** Lines that say what the cluster costs while it exists. */
export function costLines(settings: Pick<GoogleSettings, 'spot' | 'machine'>): string[] {
  const prices = pricesOf(settings)
  const sum = prices.reduce((all, { dollars }) => all + dollars, 0)
  const other =
    settings.machine === 'e2-standard-2' ? [] : [`  another price for the node: MACHINE=${settings.machine}`]
  return [
    `This costs about ${perHour(sum)}, $${(sum * HOURS_PER_MONTH).toFixed(0)} a month, until make cloud-down ` +
      `(list prices of ${PRICES_OF} in us-central1, without taxes, traffic and images):`,
    ...prices.map(({ dollars, of }) => `  ${perHour(dollars)}: ${of}`),
    ...other,
  ]
}

/** What a part of {@link pricesOf} costs, for a sentence about it. */
export const clusterCosts = ({ spot }: Pick<GoogleSettings, 'spot'>) =>
  `about ${perHour(DOLLARS.cluster + DOLLARS.disk + (spot ? DOLLARS.spotNode : DOLLARS.node))}`
export const LOAD_BALANCER_COSTS = `about ${perHour(DOLLARS.loadBalancer)}`
