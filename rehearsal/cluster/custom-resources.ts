import { customResourceDefinitions } from '../../charts/custom-resources';
import { type ApiClient, createUnlessThere } from '../control-plane/api-client';
import { until } from './workload';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Makes the kinds known that the chart may render and Kubernetes does not bring (ScaledObject and others), and waits until they are served. */
export async function installCustomResources(api: ApiClient, signal?: AbortSignal): Promise<void> {
  for (const definition of customResourceDefinitions()) {
    await createUnlessThere(api, PATH, definition);
  }
  for (const { metadata } of customResourceDefinitions()) {
    await until(`the kind ${metadata.name}`, signal, async () => {
      const { status } = await api.get<Definition>(`${PATH}/${metadata.name}`);
      return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;
    });
  }
}
