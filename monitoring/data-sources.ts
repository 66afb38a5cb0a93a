import type { Profile } from './profiles.ts'

/** Grafana's data sources. Dashboards and links refer to them by uid. */
export const dataSources = (
  { scrapeInterval }: Profile,
  { prometheus, alertmanager }: { readonly prometheus: string; readonly alertmanager: string },
) => [
  {
    name: 'Prometheus',
    uid: 'prometheus',
    type: 'prometheus',
    url: prometheus,
    isDefault: true,
    editable: false,
    jsonData: {
      // Minimum step of the graphs, and a quarter of $__rate_interval. By default Grafana assumes 15 s.
      timeInterval: scrapeInterval,
      httpMethod: 'POST', // the URL of a GET would limit the length of a query
      manageAlerts: true,
      alertmanagerUid: 'alertmanager',
    },
  },
  {
    name: 'Alertmanager',
    uid: 'alertmanager',
    type: 'alertmanager',
    url: alertmanager,
    editable: false,
    jsonData: { implementation: 'prometheus' },
  },
]
