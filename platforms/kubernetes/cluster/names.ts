/** Names that the manifests in `k8s/` and the values in `helm/` define. */
export const NAMESPACE = 'tipping-point'
export const MONITORING_NAMESPACE = 'monitoring'
/** The Deployment and the Service of the service. */
export const SERVICE = 'tipping-point'
/** The headless Service, which resolves to the addresses of the pods. */
export const POD_ADDRESSES = 'tipping-point-pods'

/** Path of a kind of objects of the core API, such as `pods`, in a namespace. */
export const core = (namespace: string, kind: string) => `/api/v1/namespaces/${namespace}/${kind}`
