import type { CodeTable } from '../core/codes';

/** Codes of `rehearsal/`: the embedded control plane. */
export const REHEARSAL_CODES: CodeTable = {
  E_CONTROL_PLANE_BUILD: {
    title: 'The control plane does not build',
    meaning:
      'The rehearsal builds the real Kubernetes control plane from its published Go modules, once. The Go compiler or the download failed.',
    remedy: 'See that the Go module proxy can be reached, and try again; what is built already is kept.',
  },
  E_CONTROL_PLANE_START: {
    title: 'The control plane did not start',
    meaning: 'One of etcd, API server, controller manager and scheduler ended or was not ready within a minute. All of them were ended.',
    remedy: 'Try again; if it stays so, read the last words of the part that the message names.',
  },
  E_CONTROL_PLANE_TOOL: {
    title: 'There is no Go to build the control plane with',
    meaning: 'No package of a registry carries a current API server, so the kit builds one. Without Go the cluster stage does not run.',
    remedy: 'Install Go 1.26 or later, or name a cluster of your own: npx ovkit rehearse --context NAME.',
  },
  E_CLUSTER_PRODUCTION: {
    title: 'The named cluster looks like one that somebody relies on',
    meaning:
      'A rehearsal installs policies of admission, which belong to the whole cluster, and takes them away again. Its name, its server, its namespaces or its size say that this may not be a cluster for tests.',
    remedy: 'Name another context, or repeat its name with --confirm-context.',
  },
  E_KEDA_BUILD: {
    title: 'KEDA does not build',
    meaning: 'The extended tests build the real KEDA from its published Go module, once. The Go compiler or the download failed.',
    remedy: 'See that the Go module proxy can be reached, and try again; what is built already is kept.',
  },
  E_HELM3_BUILD: {
    title: 'Helm 3 does not build',
    meaning: 'The extended tests build Helm 3.18 from its published Go module, once. The Go compiler or the download failed.',
    remedy: 'See that the Go module proxy can be reached, and try again; what is built already is kept.',
  },
  E_OPENTOFU_BUILD: {
    title: 'OpenTofu does not build',
    meaning: 'The extended tests build the real OpenTofu from its published Go module, once. The Go compiler or the download failed.',
    remedy: 'See that the Go module proxy can be reached, and try again; what is built already is kept.',
  },
};
