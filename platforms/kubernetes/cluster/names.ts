import { SERVICE_CONFIG } from '../../../chosen-service.ts'

/** Names that the manifests in `k8s/` and the values in `helm/` define. */
export const NAMESPACE = SERVICE_CONFIG.name
export const MONITORING_NAMESPACE = 'monitoring'
/** The Deployment and the Service of the service. */
export const SERVICE = SERVICE_CONFIG.name
/** The headless Service, which resolves to the addresses of the pods. */
export const POD_ADDRESSES = `${SERVICE_CONFIG.name}-pods`

/** Path of a kind of objects of the core API, such as `pods`, in a namespace. */
export const core = (namespace: string, kind: string) => `/api/v1/namespaces/${namespace}/${kind}`
