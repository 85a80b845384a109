import type { CodeTable } from '../core/codes';

/** Codes of `rollout/`: reaching a cluster, and what the proof finds there. */
export const ROLLOUT_CODES: CodeTable = {
  E_CLUSTER_CONTEXT: {
    title: 'The cluster is not named, or its context does not exist',
    meaning: 'The kit never takes the current context of a kubeconfig: it may be any cluster. The context has to be named.',
    remedy: 'Name a context of your kubeconfig with --context NAME (or placement.cluster.context in release.yaml).',
  },
  E_VERIFY_OPTION: {
    title: 'An option of ovkit verify has no usable value',
    meaning: '--timeout takes a whole number of seconds; 0 looks once and does not wait. --every takes one from 1 on.',
    remedy: 'Correct the option that the message names.',
  },
  'OVK-RUN-001': {
    title: 'No pod of the release runs',
    meaning: 'There is nothing to compare. Nothing checked is not a pass.',
    remedy: 'Read the reasons below the finding; deploy with cdktf deploy.',
  },
  'OVK-RUN-002': {
    title: 'Another image runs than the one that was judged',
    meaning: 'The image of a container, or the digest that the runtime reports, is not that of the verdict.',
    remedy: 'Deploy again with cdktf deploy, or judge the image that runs.',
  },
  'OVK-RUN-003': {
    title: 'The engine runs with other words',
    meaning: 'Command or arguments of the container differ from those of the plan; memory and speed were estimated for others.',
    remedy: 'Deploy again with cdktf deploy; Terraform is the only writer.',
  },
  'OVK-RUN-004': {
    title: 'Another revision of the model runs',
    meaning: 'The pods carry another revision than the verdict is about.',
    remedy: 'Deploy again with cdktf deploy, or judge that revision with ovkit check.',
  },
  'OVK-RUN-005': {
    title: 'The weights were not compared with those of the verdict',
    meaning: 'The init container leaves the digest of the list of files that it compared. It is missing, or it is that of another list.',
    remedy: 'Deploy again; where the lock holds no hashes of the weights, gather them first.',
  },
  'OVK-RUN-006': {
    title: 'Not all replicas are ready',
    meaning: 'The Deployment is not complete: pods are missing, not ready or of an older version.',
    remedy: 'Read the reasons below the finding, or wait longer with --timeout SECONDS.',
  },
  'OVK-RUN-007': {
    title: 'The engine does not answer as it should',
    meaning: 'It gave no answer, or one without the words that the question has; an engine can be healthy and answer garbage.',
    remedy: 'Read its log. Compare precision and engine flags with the plan.',
  },
  'OVK-RUN-008': {
    title: 'It is slower than the range of the plan',
    meaning: 'One request of the planned size took longer than the estimate allows. The plan is an estimate; the machine may be busy.',
    remedy: 'Measure again on a quiet machine; if it stays so, calibrate the plan with the measured point.',
  },
  'OVK-RUN-009': {
    title: 'The cluster does not say which bytes run',
    meaning: 'A binary on the nodes has no digest, or the runtime reports none.',
    remedy: 'Use an image with a digest where this must be proved.',
  },
  'OVK-RUN-010': {
    title: 'The replicas do not follow the load',
    meaning:
      'The plan counts on an autoscaler, and there is none, there are several, or it cannot read its signals. It then holds the replicas that it has.',
    remedy:
      'Read what the finding quotes. placement.autoscaling hpa needs an adapter that serves the metrics of the ConfigMap RELEASE-external-metrics; keda needs KEDA and Prometheus.',
  },
  'OVK-RUN-011': {
    title: 'The API key of the service is not known here',
    meaning:
      'The release names a Secret with the key, and it could not be read, holds none, or the engine takes its key in a header that the API server keeps back. So nothing was asked.',
    remedy: 'Give your user the right to read that Secret, or set OVKIT_API_KEY for this one command. The key is never written anywhere.',
  },
  'OVK-RUN-012': {
    title: 'The service refuses the API key',
    meaning: 'It answers HTTP 401: the key is not one of those that its pods read when they started, or there was none to send.',
    remedy: 'Name the Secret under service.apiKey in release.yaml. After a change of the Secret restart the pods: kubectl rollout restart.',
  },
  'OVK-RUN-013': {
    title: 'The service answers without an API key',
    meaning: 'The release names a Secret with a key, and a request without one was answered. Whoever reaches the service may use it.',
    remedy: 'Deploy again with cdktf deploy; see whether another release or a Service of the same name stands in its place.',
  },
};
