import { type ApiClient, ApiError, type KubernetesObject } from '../control-plane/api-client';

export const EXTERNAL_METRICS_GROUP = 'external.metrics.k8s.io';
export const EXTERNAL_METRICS_VERSION = 'v1beta1';
const NAME = `${EXTERNAL_METRICS_VERSION}.${EXTERNAL_METRICS_GROUP}`;
const NAMESPACE = 'kube-system';
const SERVICE = 'onevision-kit-metrics';
const APISERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
const SERVICES = `/api/v1/namespaces/${NAMESPACE}/services`;

/**
 * Puts the API of external metrics behind a real APIService: a Service without pods whose one endpoint is a process of this machine.
 * @param address  as the API shows it, 10.A.B.C for 127.A.B.C
 */
export async function registerExternalMetrics(api: ApiClient, address: string, port: number): Promise<void> {
  await anew(api, SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: SERVICE },
    spec: { ports: [{ port: 443, targetPort: port }] },
  });
  await anew(api, SLICES, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: SERVICE, labels: { 'kubernetes.io/service-name': SERVICE } },
    addressType: 'IPv4',
    ports: [{ name: '', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });
  await anew(api, APISERVICES, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: NAME },
    spec: {
      group: EXTERNAL_METRICS_GROUP,
      version: EXTERNAL_METRICS_VERSION,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: NAMESPACE, name: SERVICE, port: 443 },
    },
  });
}

async function anew(api: ApiClient, path: string, object: KubernetesObject & Readonly<Record<string, unknown>>): Promise<void> {
  await api.remove(`${path}/${object.metadata.name}`);
  await api.create(path, object);
}

/** Takes the API of external metrics away again; an autoscaler then holds. */
export async function unregisterExternalMetrics(api: ApiClient): Promise<void> {
  for (const path of [`${APISERVICES}/${NAME}`, `${SLICES}/${SERVICE}`, `${SERVICES}/${SERVICE}`]) {
    await api.remove(path).catch((error: unknown) => {
      // the control plane may be gone already
      if (error instanceof ApiError) throw error;
    });
  }
}
