/** Names that the manifests in `k8s/` and the values in `helm/` give. */
export const NAMESPACE = 'tipping-point'
export const MONITORING_NAMESPACE = 'monitoring'
/** The service's Deployment and Service. */
export const SERVICE = 'tipping-point'
/** The Service that resolves to the addresses of the pods. */
export const POD_ADDRESSES = 'tipping-point-pods'

/** What can be looked at in the monitoring namespace: Service, its port, and the usual port of this machine. */
export const VIEWS = {
  prometheus: { service: 'service/prometheus-server', port: 80, localPort: 9090 },
  alertmanager: { service: 'service/prometheus-alertmanager', port: 9093, localPort: 9093 },
  grafana: { service: 'service/grafana', port: 80, localPort: 3001 },
} as const

/** Path of a namespace's objects of the core API. */
export const core = (namespace: string, kind: string) => `/api/v1/namespaces/${namespace}/${kind}`
