import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { KUBERNETES_VERSIONS, kubernetesSchema } from '../../charts/kubernetes-schema';
import { validateManifests } from '../../charts/validate-manifests';
import { fromRoot } from '../../core/project-root';

const IMAGE = `registry.example.org/engine@sha256:${'1'.repeat(64)}`;
const probe = { httpGet: { path: '/health', port: 'http' } };

// biome-ignore lint/suspicious/noExplicitAny: the tests plant mistakes anywhere in the object
type Loose = any;

function deployment(): Loose {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'engine', labels: { app: 'engine' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'engine' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } },
      template: {
        metadata: { labels: { app: 'engine' } },
        spec: {
          containers: [
            {
              name: 'engine',
              image: IMAGE,
              ports: [{ name: 'http', containerPort: 8000 }],
              resources: { requests: { cpu: '500m', memory: '2Gi', 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 1 } },
              startupProbe: probe,
              readinessProbe: probe,
              livenessProbe: probe,
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  };
}

function problemsAfter(change: (object: Loose) => void, version: (typeof KUBERNETES_VERSIONS)[number] = '1.35') {
  const object = deployment();
  change(object);
  return validateManifests(stringify(object), version).map(({ code, object: name, path }) => `${code} ${name} ${path}`.trim());
}

const POD = '/spec/template/spec';
const PLANTED: readonly [string, (object: Loose) => void, string][] = [
  [
    'a misspelt field',
    (o) => {
      o.spec.replica = 1;
    },
    'E_MANIFEST_FIELD Deployment/engine /spec',
  ],
  [
    'a misspelt field deep inside',
    (o) => {
      o.spec.template.spec.containers[0].readinessProbe = { httpGet: { pathh: '/', port: 1 } };
    },
    `E_MANIFEST_FIELD Deployment/engine ${POD}/containers/0/readinessProbe/httpGet`,
  ],
  [
    'a missing selector',
    (o) => {
      delete o.spec.selector;
    },
    'E_MANIFEST_FIELD Deployment/engine /spec',
  ],
  [
    'a missing spec',
    (o) => {
      delete o.spec;
    },
    'E_MANIFEST_FIELD Deployment/engine',
  ],
  [
    'a number as text',
    (o) => {
      o.spec.replicas = '1';
    },
    'E_MANIFEST_TYPE Deployment/engine /spec/replicas',
  ],
  [
    'text as a number in a label',
    (o) => {
      o.metadata.labels.app = 7;
    },
    'E_MANIFEST_TYPE Deployment/engine /metadata/labels/app',
  ],
  [
    'a list as a mapping',
    (o) => {
      o.spec.template.spec.containers = {};
    },
    `E_MANIFEST_TYPE Deployment/engine ${POD}/containers`,
  ],
  [
    'a quantity that is none',
    (o) => {
      o.spec.template.spec.containers[0].resources.requests.memory = '2 GB';
    },
    `E_MANIFEST_TYPE Deployment/engine ${POD}/containers/0/resources/requests/memory`,
  ],
  [
    'a port that is neither number nor name',
    (o) => {
      o.spec.template.spec.containers[0].livenessProbe = { httpGet: { path: '/', port: true } };
    },
    `E_MANIFEST_TYPE Deployment/engine ${POD}/containers/0/livenessProbe/httpGet/port`,
  ],
  [
    'an unknown kind',
    (o) => {
      o.kind = 'Deploymentt';
    },
    'E_MANIFEST_KIND Deploymentt/engine',
  ],
  [
    'a kind in the wrong group',
    (o) => {
      o.apiVersion = 'apps/v1beta1';
    },
    'E_MANIFEST_KIND Deployment/engine',
  ],
  [
    'no kind',
    (o) => {
      delete o.kind;
    },
    'E_MANIFEST_KIND document 1',
  ],
  [
    'a tag',
    (o) => {
      o.spec.template.spec.containers[0].image = 'engine:v1';
    },
    `E_MANIFEST_IMAGE_DIGEST Deployment/engine ${POD}/containers/0/image`,
  ],
  [
    'a short digest',
    (o) => {
      o.spec.template.spec.containers[0].image = 'engine@sha256:123';
    },
    `E_MANIFEST_IMAGE_DIGEST Deployment/engine ${POD}/containers/0/image`,
  ],
  [
    'the tag latest beside a digest',
    (o) => {
      o.spec.template.spec.containers[0].image = IMAGE.replace('@', ':latest@');
    },
    `E_MANIFEST_IMAGE_LATEST Deployment/engine ${POD}/containers/0/image`,
  ],
  [
    'an init container by tag',
    (o) => {
      o.spec.template.spec.initContainers = [{ name: 'fetch', image: 'fetch:v1' }];
    },
    `E_MANIFEST_IMAGE_DIGEST Deployment/engine ${POD}/initContainers/0/image`,
  ],
  [
    'an image volume by tag',
    (o) => {
      o.spec.template.spec.volumes.push({ name: 'weights', image: { reference: 'weights:v1' } });
    },
    `E_MANIFEST_IMAGE_DIGEST Deployment/engine ${POD}/volumes/1/image/reference`,
  ],
  [
    'a GPU limit above the request',
    (o) => {
      o.spec.template.spec.containers[0].resources.limits['nvidia.com/gpu'] = 2;
    },
    `E_MANIFEST_GPU Deployment/engine ${POD}/containers/0/resources`,
  ],
  [
    'a GPU request without a limit',
    (o) => {
      o.spec.template.spec.containers[0].resources.limits = {};
    },
    `E_MANIFEST_GPU Deployment/engine ${POD}/containers/0/resources`,
  ],
  [
    'no startup probe',
    (o) => {
      delete o.spec.template.spec.containers[0].startupProbe;
    },
    `E_MANIFEST_PROBE Deployment/engine ${POD}/containers/0`,
  ],
  [
    'a volume that is not there',
    (o) => {
      o.spec.template.spec.volumes = [];
    },
    `E_MANIFEST_VOLUME Deployment/engine ${POD}/containers/0/volumeMounts/0`,
  ],
  [
    'a selector that misses its pods',
    (o) => {
      o.spec.template.metadata.labels.app = 'other';
    },
    'E_MANIFEST_SELECTOR Deployment/engine /spec/selector',
  ],
  [
    'a rollout that could never begin',
    (o) => {
      o.spec.strategy.rollingUpdate.maxUnavailable = '0%';
    },
    'E_MANIFEST_ROLLOUT Deployment/engine /spec/strategy/rollingUpdate',
  ],
];

describe.each(KUBERNETES_VERSIONS)('validateManifests, Kubernetes %s', (version) => {
  it('finds nothing in a good object', () => {
    expect(problemsAfter(() => undefined, version)).toEqual([]);
  });

  it.each(PLANTED)('finds %s', (_title, plant, expected) => {
    expect(problemsAfter(plant, version)).toEqual([expected]);
  });
});

describe('validateManifests', () => {
  it('reports every problem of every document', () => {
    const other = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ targetPort: 'http' }], selectors: {} } };
    const broken = deployment();
    broken.spec.replicas = '1';
    const problems = validateManifests(`${stringify(broken)}---\n${stringify(other)}`, '1.36');
    expect(problems.map((problem) => `${problem.object} ${problem.message}`)).toEqual([
      'Deployment/engine must be integer.',
      'Service/s Kubernetes 1.36 has no field "selectors" here.',
      'Service/s the field "port" is missing.',
    ]);
  });

  it('names the kind that was meant', () => {
    const [problem] = validateManifests('apiVersion: v1\nkind: Servise\nmetadata: {name: a}\n', '1.35');
    expect(problem?.message).toContain('Did you mean v1/Service?');
  });

  it('does not take an empty text for a pass', () => {
    for (const text of ['', '---\n', '# only a comment\n']) {
      expect(validateManifests(text, '1.35').map((problem) => problem.code)).toEqual(['E_MANIFEST_EMPTY']);
    }
  });

  it('refuses what is not a mapping, does not parse, or has a key twice', () => {
    for (const text of ['- a\n', 'a: [\n', `${stringify(deployment())}kind: Deployment\n`]) {
      expect(validateManifests(text, '1.35').map((problem) => problem.code)).toContain('E_MANIFEST_SYNTAX');
    }
  });

  it('finds an object that is rendered twice', () => {
    const text = stringify(deployment());
    expect(validateManifests(`${text}---\n${text}`, '1.35').map((problem) => problem.code)).toEqual(['E_MANIFEST_DUPLICATE']);
  });

  it('asks no probes of a Job', () => {
    const container = { name: 'once', image: IMAGE };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    };
    expect(validateManifests(stringify(job), '1.34')).toEqual([]);
  });
});

describe('the published schemas', () => {
  it('hold every kind that the kit renders, in each version', () => {
    for (const version of KUBERNETES_VERSIONS) {
      const schema = kubernetesSchema(version);
      for (const key of schema.kinds) {
        const split = key.lastIndexOf('/');
        expect(schema.validatorOf(key.slice(0, split), key.slice(split + 1)), `${version} ${key}`).toBeTypeOf('function');
      }
      expect(schema.kinds).toContain('admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy');
    }
  });

  it('are the versions that the provenance names', () => {
    const { schemas } = JSON.parse(readFileSync(fromRoot('charts/kubernetes-schemas/provenance.json'), 'utf8'));
    expect(schemas.map((entry: { version: string }) => entry.version)).toEqual(
      KUBERNETES_VERSIONS.map((version) => kubernetesSchema(version).version),
    );
    for (const { file, sha256 } of schemas) {
      const bytes = readFileSync(fromRoot('charts/kubernetes-schemas', file));
      expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256);
    }
  });
});
