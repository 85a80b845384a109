import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOfEach } from '../../compliance/check-release';
import { judge } from '../../compliance/judge';
import { chartSubjects } from '../../compliance/subjects/charts';
import { readPackageLock } from '../../compliance/subjects/npm';
import { providerSubjects } from '../../compliance/subjects/providers';
import { PYTHON_LOCKS, pythonSubjects } from '../../compliance/subjects/python';
import providers from '../../compliance/subjects/terraform-providers.json';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf, rulesOf, SMOLLM2, stateOf, withLock } from './support';

const read = (file: string) => readFileSync(fromRoot(file), 'utf8');
const packages = readPackageLock(read('package-lock.json'), 'package-lock.json').subjects;

describe('Terraform providers', () => {
  it('are those that the pinned bindings name themselves', () => {
    for (const { binding, id } of providers) {
      const name = binding.slice('npm:'.length, binding.lastIndexOf('@'));
      const { provider } = JSON.parse(read(`node_modules/${name}/package.json`)).cdktf;
      expect(`provider:${provider.name.replace('registry.terraform.io/', '')}@${provider.version}`).toBe(id);
    }
  });

  it('are judged where the stacks of the target use them', () => {
    expect(providerSubjects(packages, 'aws').map((each) => each.id)).toEqual([
      'provider:hashicorp/aws@6.25.0',
      'provider:hashicorp/helm@3.1.1',
    ]);
    expect(providerSubjects(packages, 'cluster').map((each) => each.id)).toEqual(['provider:hashicorp/helm@3.1.1']);
  });

  it('of a binding that nobody entered are not passed over', () => {
    const other = packages.map((each) =>
      each.id === 'npm:@cdktf/provider-helm@12.1.2'
        ? { ...each, id: 'npm:@cdktf/provider-helm@13.0.0', lockIds: ['npm:@cdktf/provider-helm@13.0.0'] }
        : each,
    );
    const fork = {
      ...packages[0],
      id: 'npm:@cdktn/provider-aws@1.0.0',
      lockIds: ['npm:@cdktn/provider-aws@1.0.0'],
    } as (typeof packages)[number];
    expect(providerSubjects([fork], 'aws').map(({ id }) => id)).toEqual(['provider:unknown/@cdktn/provider-aws@1.0.0']);
    const [found] = providerSubjects(other, 'cluster').filter((each) => each.id.startsWith('provider:unknown/'));
    expect(found?.id).toBe('provider:unknown/@cdktf/provider-helm@13.0.0');
    const inputs = inputsOf(SMOLLM2);
    const verdict = judge({ ...inputs, subjects: [...inputs.subjects, ...(found ? [found] : [])] }, AT);
    expect([verdict.state, rulesOf(verdict, found?.id ?? '')]).toEqual(['unavailable', ['OVK-EVD-004']]);
  });

  it('may be known from documents only, which is shown, as long as the row of the policy says so', () => {
    const verdict = judge(inputsOf(SMOLLM2), AT);
    const id = 'provider:hashicorp/helm@3.1.1';
    expect(stateOf(verdict, id)).toBe('allowed');
    expect(verdict.findings.filter((finding) => finding.subject === id)).toMatchObject([{ rule: 'OVK-EVD-001', severity: 'warning' }]);
    const says = (licence: string) =>
      withLock((lock) => ({
        ...lock,
        subjects: lock.subjects.map((each) =>
          each.id === id ? { ...each, claims: each.claims.map((claim) => ({ ...claim, says: licence })) } : each,
        ),
      }));
    expect(rulesOf(says('Apache-2.0'), id)).toEqual(['OVK-EVD-001']);
    expect(rulesOf(says('BUSL-1.1'), id)).toEqual(['OVK-LIC-001']);
    expect(rulesOf(says('MPL-2.0 AND Apache-2.0'), id)).toEqual(['OVK-EVD-001']);
  });
});

describe('charts', () => {
  const placement = { target: 'aws', nodes: 'managed', capacity: ['on-demand'], minReplicas: 1, maxReplicas: 1 } as const;
  const of = (change: object) => chartSubjects(read('charts/onevision/Chart.yaml'), { ...placement, capacity: ['on-demand'], ...change });
  const idsOf = (change: object) => of(change).map((each) => each.id.replace(/@.*/, ''));

  it("are the kit's own, which depends on none, and on AWS the add-ons that the release may install", () => {
    expect(of({ target: 'cluster', maxReplicas: 2 }).map((each) => each.title)).toEqual([
      expect.stringContaining('depends on no other chart'),
    ]);
    expect(idsOf({})).toEqual(['kit:charts/onevision', 'chart:nvidia-device-plugin', 'oci:nvcr.io/nvidia/k8s-device-plugin']);
    expect(idsOf({ maxReplicas: 2 })).toEqual(
      expect.arrayContaining([
        'chart:cluster-autoscaler',
        'chart:keda',
        'oci:ghcr.io/kedacore/keda',
        'chart:prometheus',
        'oci:quay.io/prometheus/prometheus',
      ]),
    );
    expect(idsOf({ maxReplicas: 2, autoscaling: 'none' })).not.toContain('chart:keda');
    expect(idsOf({ capacity: ['spot', 'on-demand'] })).toContain('chart:cluster-autoscaler');
    const karpenter = idsOf({ nodes: 'karpenter', maxReplicas: 2 });
    expect(karpenter).toEqual(
      expect.arrayContaining(['chart:karpenter-crd', 'chart:karpenter', 'oci:public.ecr.aws/karpenter/controller']),
    );
    expect(karpenter).not.toContain('chart:cluster-autoscaler');
  });

  it('are every add-on that the stacks can install, at the version that they pin', () => {
    const folder = fromRoot('stacks/workloads/addons');
    const installed = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const version = (/(?:version: |VERSION = )'([\d.]+)'/.exec(text) ?? [])[1];
      return [...text.matchAll(/chart: '([\w-]+)'/g)].map(([, name]) => `chart:${name}@${version}`);
    });
    expect(installed.length).toBeGreaterThanOrEqual(4);
    const both = [...of({ maxReplicas: 2 }), ...of({ nodes: 'karpenter' })];
    expect(both.filter(({ id }) => id.startsWith('chart:')).map(({ id }) => id)).toEqual(expect.arrayContaining(installed));
    for (const { location } of both.slice(1)) expect(existsSync(fromRoot(location.file)), location.file).toBe(true);
  });

  it('that lie in the folder of the chart are installed with it, so that they are judged, and nobody knows their bytes', () => {
    const subjects = chartSubjects(read('charts/onevision/Chart.yaml'), { ...placement, capacity: ['on-demand'], target: 'cluster' }, [
      'other',
      'redis-1.0.0.tgz',
    ]);
    const inputs = inputsOf(SMOLLM2);
    const verdict = judge({ ...inputs, subjects: [...inputs.subjects, ...subjects.slice(1)] }, AT);
    expect(verdict.state).toBe('unknown');
    expect(rulesOf(verdict, 'chart:charts/onevision/charts/other')).toEqual(['OVK-EVD-006']);
    expect(rulesOf(verdict, 'chart:charts/onevision/charts/redis-1.0.0.tgz')).toEqual(['OVK-EVD-006']);
  });

  it('that somebody adds as a dependency are judged', () => {
    const text = `${read('charts/onevision/Chart.yaml')}dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: https://charts.example\n`;
    expect(chartSubjects(text, { ...placement, capacity: ['on-demand'], target: 'cluster' }).map((each) => each.id)).toEqual([
      'kit:charts/onevision',
      'chart:redis@1.0.0',
    ]);
    expect(() => chartSubjects('name: [1]', { ...placement, capacity: ['on-demand'] })).toThrow(
      expect.objectContaining({ code: 'E_CHART_UNREADABLE' }),
    );
  });
});

describe('whether an npm package builds or runs', () => {
  const rolesOf = (packages: Readonly<Record<string, object>>) =>
    Object.fromEntries(
      readPackageLock(JSON.stringify({ lockfileVersion: 3, packages }), 'package-lock.json').subjects.map(({ title, role }) => [
        title,
        role,
      ]),
    );
  const version = '1.0.0';

  it('is told by what needs it, not by the word of the lock alone', () => {
    const roles = rolesOf({
      '': { dependencies: { runs: '*' }, optionalDependencies: { perhaps: '*' }, devDependencies: { builds: '*' } },
      'node_modules/runs': { version, dev: true, dependencies: { '@scope/inner': '*' } },
      'node_modules/@scope/inner': { version, dev: true, peerDependencies: { peer: '*' } },
      'node_modules/peer': { version, dev: true },
      'node_modules/perhaps': { version, dev: true },
      'node_modules/builds': { version, dev: true, dependencies: { helper: '*' } },
      'node_modules/helper': { version, dev: true },
      'node_modules/nobody': { version },
    });
    const run = ['runs@1.0.0', '@scope/inner@1.0.0', 'peer@1.0.0', 'perhaps@1.0.0', 'nobody@1.0.0'];
    expect(roles).toEqual({
      ...Object.fromEntries(run.map((title) => [title, 'operator-tool'])),
      'builds@1.0.0': 'build-tool',
      'helper@1.0.0': 'build-tool',
    });
  });

  it('follows Node to the nearest copy, and links to where they lead', () => {
    const roles = rolesOf({
      '': { dependencies: { a: '*', member: '*' } },
      'node_modules/a': { version, dependencies: { b: '*' } },
      'node_modules/a/node_modules/b': { version: '2.0.0', dev: true, dependencies: { c: '*' } },
      'node_modules/b': { version, dev: true },
      'node_modules/c': { version, dev: true },
      'node_modules/member': { link: true, resolved: 'packages/member', dev: true },
      'packages/member': { version, dev: true, dependencies: { d: '*', '../../x': '*' } },
      'packages/member/node_modules/d': { version, dev: true },
    });
    expect(roles).toMatchObject({
      'b@2.0.0': 'operator-tool',
      'b@1.0.0': 'build-tool',
      'c@1.0.0': 'operator-tool',
      'd@1.0.0': 'operator-tool',
    });
  });

  it('in the lock of the kit is what the lock says', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, { readonly dev?: boolean }>> };
    const { subjects } = readPackageLock(read('package-lock.json'), 'package-lock.json');
    const builds = Object.values(packages).filter(({ dev }) => dev === true).length;
    expect(subjects.filter(({ role }) => role === 'build-tool')).toHaveLength(builds);
  });

  it('does not let copyleft pass that something which runs needs', () => {
    const inputs = inputsOf(SMOLLM2);
    const state = (root: object) => {
      const packages = { '': root, 'node_modules/copyleft': { version, dev: true, license: 'MPL-2.0' } };
      const { subjects } = readPackageLock(JSON.stringify({ lockfileVersion: 3, packages }), 'package-lock.json');
      const [judged] = judge({ ...inputs, subjects: subjects.map((each) => ({ ...each, obstacle: null })), waiverFiles: [] }, AT).subjects;
      return judged?.state;
    };
    expect(state({ devDependencies: { copyleft: '*' } })).toBe('allowed');
    expect(state({ dependencies: { copyleft: '*' } })).toBe('denied');
  });
});

describe('the Python runtime of the image', () => {
  const of = (text: string) =>
    pythonSubjects(text, 'image.lock.txt', 'kit:x').map((each) => [each.id, each.obstacle?.rule ?? null, each.location.line]);
  const HASH = `--hash=sha256:${'a'.repeat(64)}`;

  it('is every package of the lock, with the line it stands on', () => {
    expect(
      of(
        `# made by uv\n--only-binary :all:\nNumPy==2.3.5 \\\n    ${HASH} \\\n    ${HASH}\n    # via torch\ntorch==2.13.0+cpu ; python_version >= "3.9" ${HASH}\nfoo[bar]==1.0 ${HASH}\n`,
      ),
    ).toEqual([
      ['pypi:numpy@2.3.5', null, 3],
      ['pypi:torch@2.13.0+cpu', null, 7],
      ['pypi:foo@1.0', null, 8],
    ]);
  });

  it.each([
    ['without a hash', 'numpy==2.3.5', 'pypi:numpy@2.3.5'],
    ['with a weaker hash', 'numpy==2.3.5 --hash=md5:0123', 'pypi:numpy@2.3.5'],
    ['with a weaker hash beside', `numpy==2.3.5 ${HASH} --hash=sha1:0123`, 'pypi:numpy@2.3.5'],
    ['with a hash in a comment', `numpy==2.3.5 # ${HASH}`, 'pypi:numpy@2.3.5'],
    ['with the hashes of several files', `numpy==2.3.5 ${HASH} --hash=sha256:${'b'.repeat(64)}`, 'pypi:numpy@2.3.5'],
    ['without a version', `numpy>=2 ${HASH}`, expect.stringMatching(/^pypi:numpy>=2/)],
    ['from an address', 'numpy @ https://evil.example/numpy.whl', expect.stringMatching(/^pypi:numpy/)],
    ['that edits another folder', '-e ../elsewhere', expect.stringMatching(/^pypi:-e/)],
    ['that includes another file', '-r other.txt', expect.stringMatching(/^pypi:-r/)],
    ['with something behind its hash', `numpy==2.3.5 ${HASH} evil @ https://evil.example/e.whl`, expect.stringMatching(/^pypi:numpy/)],
    ['with settings for its build', `numpy==2.3.5 --config-settings=a=b ${HASH}`, expect.stringMatching(/^pypi:numpy/)],
    ['of several versions', `numpy==2.3.5,==2.3.6 ${HASH}`, expect.stringMatching(/^pypi:numpy/)],
    ['of any version that begins so', `numpy==2.3.* ${HASH}`, expect.stringMatching(/^pypi:numpy/)],
    ['by equality of text', `numpy===2.3.5 ${HASH}`, expect.stringMatching(/^pypi:numpy/)],
    ['behind an option', `--pre numpy==2.3.5 ${HASH}`, expect.stringMatching(/^pypi:--pre/)],
    ['behind the value of an option', `--index-url https://a.example evil==1.0 ${HASH}`, expect.stringMatching(/^pypi:--index-url/)],
    ['behind constraints', '-c other.txt', expect.stringMatching(/^pypi:-c/)],
    [
      'in an encoding of its own, in which pip 23.2 finds a second line in the comment',
      '# coding: utf-7 +AAo-evil==1.0',
      expect.stringMatching(/^pypi:#/),
    ],
    ['that the environment writes', `\${PACKAGE} ${HASH}`, expect.stringMatching(/^pypi:\$/)],
  ])('%s is a subject with that as its obstacle', (_, line, id) => {
    expect(of(line)).toEqual([[id, 'OVK-EVD-006', 1]]);
  });

  it('of a line behind a backslash with a space is a package of its own', () => {
    // pip refuses the first line; joined, the second would hide behind its marker
    const second = `evil @ https://evil.example/e.whl#sha256=${'b'.repeat(64)}`;
    expect(of(`numpy==2.3.5 ; python_version > "3" ${HASH} \\ \n${second}`)).toEqual([
      [expect.stringMatching(/^pypi:numpy/), 'OVK-EVD-006', 1],
      [expect.stringMatching(/^pypi:evil/), 'OVK-EVD-006', 2],
    ]);
    expect(of(`numpy==2.3.5 \\\r\n  --hash sha256:${'a'.repeat(64)}\r\n# coding: utf-8\r\n`)).toEqual([['pypi:numpy@2.3.5', null, 1]]);
  });

  it('pinned twice to other bytes is a package of which nobody knows the bytes', () => {
    const other = `--hash=sha256:${'b'.repeat(64)}`;
    expect(of(`numpy==2.3.5 ${HASH}\nnumpy==2.3.5 ${HASH}`)).toEqual([['pypi:numpy@2.3.5', null, 2]]);
    expect(of(`numpy==2.3.5 ${HASH}\nnumpy==2.3.5 ${other}`)).toEqual([['pypi:numpy@2.3.5', 'OVK-EVD-006', 1]]);
    const both = `${HASH} ${other}`;
    expect(of(`numpy==2.3.5 ${both}\nnumpy==2.3.5 ${both}\nnumpy==2.3.5 ${HASH}`)).toEqual([['pypi:numpy@2.3.5', 'OVK-EVD-006', 1]]);
  });

  it('never loses a line, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 20 }), (names) => {
        const unique = [...new Set(names)];
        expect(of(unique.map((name) => `${name}==1.0 \\\n  ${HASH}`).join('\n'))).toHaveLength(unique.length);
      }),
    );
  });

  it('of the committed recipe is judged package by package, from metadata that was read at the index', () => {
    const verdict = judge(inputsOf('release.yaml'), AT);
    const own = verdict.subjects.filter((subject) => subject.kind === 'python-package' && subject.role === 'runtime');
    expect(own).toHaveLength([...read('runtimes/vllm-onevision/locks/image.lock.txt').matchAll(/^[a-z0-9].*==/gim)].length);
    expect(own.every((subject) => subject.evidence.some((claim) => claim.channel === 'wheel-metadata'))).toBe(true);
    expect(own.some((subject) => subject.state === 'denied')).toBe(false);
    expect(rulesOf(verdict, 'pypi:nvidia-cublas@13.1.1.3')).toEqual(['OVK-LIC-007']);
  });

  it('is built by packages of every lock that the recipe installs from, judged as build tools', () => {
    const recipe = 'runtimes/vllm-onevision';
    const installed = [...read(`${recipe}/Containerfile`).matchAll(/locks\/[\w-]+\.lock\.txt/g)].map(([file]) => file);
    expect(PYTHON_LOCKS.map(({ file }) => file)).toEqual(expect.arrayContaining(installed));
    expect(installed.length).toBeGreaterThan(2);
    const tools = judge(inputsOf('release.yaml'), AT).subjects.filter(
      ({ kind, role }) => kind === 'python-package' && role === 'build-tool',
    );
    expect(tools.map(({ id }) => id)).toEqual(expect.arrayContaining(['pypi:uv@0.13.9', 'pypi:hatchling@1.33.0']));
    // packaging is in the image too, by the same bytes, and judged there
    expect(tools.some(({ id }) => id.startsWith('pypi:packaging@'))).toBe(false);
  });

  it('of which the lock pins other bytes than the evidence is of is a conflict, also where the licence would be allowed', () => {
    const inputs = inputsOf('release.yaml');
    const id = 'pypi:aiohttp@3.14.5';
    const judged = (change: (subject: (typeof inputs.subjects)[number]) => object, lock = inputs.lock) => {
      const subjects = inputs.subjects.map((subject) => (subject.id === id ? { ...subject, ...change(subject) } : subject));
      const verdict = judge({ ...inputs, subjects, lock }, AT);
      return [verdict.subjects.find((subject) => subject.id === id)?.state, ...rulesOf(verdict, id)];
    };
    expect(judged(() => ({}))).toEqual(['allowed']);
    expect(judged(({ integrity }) => ({ integrity: integrity?.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }))).toEqual([
      'conflict',
      'OVK-EVD-008',
    ]);
    const entry = inputs.lock.subjects.get(id);
    const without = new Map(inputs.lock.subjects).set(id, { ...entry, files: [] } as NonNullable<typeof entry>);
    expect(judged(() => ({}), { ...inputs.lock, subjects: without })).toEqual(['conflict', 'OVK-EVD-008']);
  });

  it('is no part of a release whose engine has no such recipe', () => {
    expect(judge(inputsOf(SMOLLM2), AT).subjects.some((subject) => subject.kind === 'python-package')).toBe(false);
  });
});

it('a thing that plays two roles is judged in the one nearer to what is released', () => {
  const ids = inputsOf(SMOLLM2).subjects.map((subject) => subject.id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('a package of the lock is judged also when an artifact of the release has its name', () => {
  const { subjects } = inputsOf(SMOLLM2);
  const artifact = subjects.find(({ id }) => id === 'npm:node-llama-cpp@3.22.1') as (typeof subjects)[number];
  const installed = { ...artifact, kind: 'npm-package', integrity: 'sha512-AAAA' };
  expect(firstOfEach([artifact, installed, artifact]).map(({ id, kind }) => [id, kind])).toEqual([
    [artifact.id, artifact.kind],
    [`${artifact.id}#package-lock`, 'npm-package'],
  ]);
});
