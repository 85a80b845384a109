import type { Credentials } from './credentials';

/** What the four parts must know of each other. */
export interface Layout {
  readonly folder: string;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly apiServer: number;
    readonly controllerManager: number;
    readonly scheduler: number;
  };
  readonly credentials: Credentials;
  /** Certificate that the API server signs for itself; clients trust this file. */
  readonly certificate: string;
  readonly kubeconfigs: { readonly controllerManager: string; readonly scheduler: string };
  /** File that sends what the API server itself dials (pods, kubelets, services) to the network of the stand-in. */
  readonly egressConfig: string;
}

export const PARTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Part = (typeof PARTS)[number];

/** Arguments of a part. Nothing listens beyond the loopback address, and nothing needs root. */
export function argumentsOf(part: Part, layout: Layout): readonly string[] {
  return [part, ...ARGUMENTS[part](layout)];
}

/** Seconds between two looks of the autoscalers; 15 on a cluster that is not of a rehearsal. */
export const AUTOSCALER_LOOK_SECONDS = 1;
const LOOPBACK = '127.0.0.1';
/** Addresses of Services; not routed, see rehearsal/nodes/network.ts. */
const SERVICE_CIDR = '10.96.0.0/16';

const ARGUMENTS: Readonly<Record<Part, (layout: Layout) => string[]>> = {
  etcd: ({ ports, folder }) => [
    `--client-url=http://${LOOPBACK}:${ports.etcd}`,
    `--peer-url=http://${LOOPBACK}:${ports.etcdPeer}`,
    `--data-dir=${folder}/etcd`,
  ],
  'kube-apiserver': ({ ports, folder, credentials, egressConfig }) => [
    `--etcd-servers=http://${LOOPBACK}:${ports.etcd}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${ports.apiServer}`,
    `--cert-dir=${folder}/apiserver`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${credentials.tokenFile}`,
    '--anonymous-auth=false',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${credentials.serviceAccountKey}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    '--enable-aggregator-routing=true',
    `--egress-selector-config-file=${egressConfig}`,
    '--kubelet-preferred-address-types=InternalIP',
  ],
  'kube-controller-manager': ({ ports, folder, credentials, certificate, kubeconfigs }) => [
    ...controllerFlags(kubeconfigs.controllerManager),
    `--secure-port=${ports.controllerManager}`,
    `--cert-dir=${folder}/controller-manager`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${credentials.serviceAccountKey}`,
    `--root-ca-file=${certificate}`,
    `--horizontal-pod-autoscaler-sync-period=${AUTOSCALER_LOOK_SECONDS}s`,
  ],
  'kube-scheduler': ({ ports, folder, kubeconfigs }) => [
    ...controllerFlags(kubeconfigs.scheduler),
    `--secure-port=${ports.scheduler}`,
    `--cert-dir=${folder}/scheduler`,
  ],
};

function controllerFlags(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--authentication-skip-lookup=true',
    `--bind-address=${LOOPBACK}`,
    '--leader-elect=false',
    // the default of 20 calls per second stretches the start of the controllers to seven seconds
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
  ];
}

/** The API server's EgressSelectorConfiguration: HTTP CONNECT over a Unix socket for everything inside the cluster. */
export function egressConfiguration(socket: string): unknown {
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } } }],
  };
}
