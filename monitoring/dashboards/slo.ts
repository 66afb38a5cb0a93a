import { DASHBOARDS } from '../rule.ts'
import { JOBS } from '../targets.ts'
import * as slo from './content/slo.ts'
import { dashboard } from './dashboard.ts'
import { SERVICE } from './variables.ts'

/** The objectives: what is left of their budgets, how fast it goes, and what spends it. */
export const sloDashboard = () =>
  dashboard({
    uid: DASHBOARDS.slo,
    title: 'Tipping Point: objectives',
    description: 'Whether the promises are kept, what is left of the error budgets, and what has spent them.',
    from: 'now-6h', // the shortest window of a slow burn
    choices: { ...SERVICE, job: JOBS.service, labels: ['job'] },
    rows: {
      Budgets: [...slo.left(), ...slo.good()],
      Alerts: slo.alertsNear(),
      Burn: [slo.burn(), slo.bad()],
      'What spent it': slo.spent(),
    },
  })
