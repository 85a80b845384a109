import { type ApiClient, createUnlessThere } from '../control-plane/api-client';

/** The policy that stays behind on a cluster of the user's own. */
export const KEEPER = 'rehearsal.onevision-kit';
const PATH = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = `${PATH}/validatingadmissionpolicies`;
const BINDINGS = `${PATH}/validatingadmissionpolicybindings`;

/**
 * Puts an inert policy on a cluster, so that the API server goes on reading ConfigMaps for policies when those of the rehearsal are gone: it does not
 * begin again after the last one (charts/admission/templates/keeper.yaml). Then it takes away the one that the chart left for a namespace.
 */
export async function leaveKeeper(api: ApiClient, namespace: string, instance: string): Promise<void> {
  const meta = { metadata: { name: KEEPER, labels: { 'onevision-kit/rehearsal': 'true' } } };
  const nothing = { apiGroups: ['onevision-kit.invalid'], apiVersions: ['*'], operations: ['CREATE'], resources: ['nothing'] };
  await createUnlessThere(api, POLICIES, {
    ...meta,
    spec: {
      failurePolicy: 'Ignore',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: { resourceRules: [nothing] },
      validations: [{ expression: 'true' }],
    },
  });
  await createUnlessThere(api, BINDINGS, {
    ...meta,
    spec: {
      policyName: KEEPER,
      paramRef: { name: KEEPER, namespace: 'kube-system', parameterNotFoundAction: 'Allow' },
      validationActions: ['Warn'],
    },
  });
  const own = `keeper.${instance}.${namespace}.onevision-kit`;
  await api.remove(`${BINDINGS}/${own}`);
  await api.remove(`${POLICIES}/${own}`);
}
