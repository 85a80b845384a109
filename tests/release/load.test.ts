import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KitError, Problem } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import { edited, loadProblems, releaseFile, VALID_RELEASE } from './support';

const IMAGE_BLOCK = / {2}image:\n(?: {4}.*\n)+/;
const BUDGET_BLOCK = /budget:\n(?: {2}.*\n)+/;
const ZERO_DIGEST = `sha256:${'0'.repeat(64)}`;

describe('what loads', () => {
  it('is the same with CRLF line ends and a byte order mark', () => {
    const { release } = loadRelease(releaseFile(VALID_RELEASE));
    expect(loadRelease(releaseFile(VALID_RELEASE.replaceAll('\n', '\r\n'))).release).toEqual(release);
    expect(loadRelease(releaseFile(`\ufeff${VALID_RELEASE}`)).release).toEqual(release);
  });

  it('fills in defaults', () => {
    const { release } = loadRelease(releaseFile(edited(/ {2}# on-demand.*\n {2}capacity:\n.*\n/, '').replace(/ {2}minReplicas: 1\n/, '')));
    expect(release.placement).toMatchObject({ capacity: ['on-demand'], minReplicas: 1 });
    expect(release.compliance.waivers).toEqual([]);
  });

  it('takes an environment from outside', () => {
    expect(loadRelease(releaseFile(VALID_RELEASE), { environment: 'rehearsal' }).release.metadata.environment).toBe('rehearsal');
  });

  it('points back into the file', () => {
    const loaded = loadRelease(fromRoot('release.yaml'));
    const line = loaded.locate(['model', 'id']).line ?? 0;
    expect(loaded.file).toBe('release.yaml');
    expect(line).toBeGreaterThan(1);
  });
});

describe('files that are no release', () => {
  const failure = (path: string): KitError => {
    try {
      loadRelease(path);
    } catch (error) {
      return error as KitError;
    }
    throw new Error('it loaded');
  };

  it('are missing, a folder, or endless', () => {
    expect(failure('/nowhere/release.yaml').message).toBe(
      '/nowhere/release.yaml: E_FILE_MISSING: the release file does not exist. Next: write one with `npx ovkit init`, or name yours with --release FILE.',
    );
    expect(failure(fromRoot('release')).code).toBe('E_FILE_UNREADABLE');
    expect(failure('/dev/zero').code).toBe('E_FILE_UNREADABLE');
    expect(failure(join(releaseFile(''), 'below')).code).toBe('E_FILE_MISSING');
  });

  const notReleases: readonly (readonly [name: string, content: string | Uint8Array, message: string])[] = [
    ['empty', '', 'the file is empty.'],
    ['only comments', '# nothing\n', 'the file is empty.'],
    ['null', '~\n', 'the file is empty.'],
    ['a list', '- a\n- b\n', 'the file is a list, ["a","b"].'],
    ['a word', 'hello\n', 'the file is "hello".'],
    [
      'a program',
      Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 0, 255]),
      'the file is not plain UTF-8 text: it holds the control character \\u007f.',
    ],
    ['UTF-16', Buffer.from('\ufeffapiVersion: x\n', 'utf16le'), 'the file is not plain UTF-8 text: it holds bytes that are not UTF-8.'],
    [
      '5 MB',
      `${VALID_RELEASE}${'# comment\n'.repeat(500_000)}`,
      `the file has ${VALID_RELEASE.length + 5_000_000} characters, too many for a release.`,
    ],
    ['two documents', `${VALID_RELEASE}---\n${VALID_RELEASE}`, 'the file holds 2 YAML documents, one is allowed.'],
  ];
  it.each(notReleases)('%s', (_name, content, message) => {
    const problems = loadProblems(content);
    expect(problems.map((problem) => problem.message)).toEqual([message]);
    expect(problems[0]?.location?.line).toBeGreaterThanOrEqual(1);
  });
});

interface BadValue {
  readonly name: string;
  readonly text: string;
  readonly message: string;
  readonly allowed?: string;
  readonly next?: string;
  /** A piece of the line that the problem must point at. */
  readonly line: string;
}

const BAD_VALUES: readonly BadValue[] = [
  {
    name: 'a branch as revision',
    text: edited(/revision: .*/, 'revision: main'),
    message: '"model.revision" is "main".',
    allowed: 'a full commit of 40 lower-case hex digits',
    line: 'revision: main',
  },
  {
    name: 'a short hash as revision',
    text: edited(/revision: .*/, 'revision: ef3fa61'),
    message: '"model.revision" is "ef3fa61".',
    allowed: 'not a branch, a tag or a short hash',
    line: 'revision: ef3fa61',
  },
  {
    name: 'a number as revision',
    text: edited(/revision: .*/, 'revision: 1234567'),
    message: '"model.revision" is 1234567.',
    allowed: 'Full 40-hex commit',
    line: 'revision:',
  },
  {
    name: 'a tag as digest',
    text: edited(IMAGE_BLOCK, '  image:\n    digest: v1.2\n'),
    message: '"engine.image.digest" is "v1.2".',
    allowed: 'sha256: and 64 lower-case hex digits, not a tag.',
    line: 'digest: v1.2',
  },
  {
    name: 'latest as digest',
    text: edited(IMAGE_BLOCK, '  image: {digest: latest}\n'),
    message: '"engine.image.digest" is "latest".',
    allowed: 'not a tag',
    line: 'image: {digest',
  },
  {
    name: 'a tagged image',
    text: edited(IMAGE_BLOCK, '  image: repo:tag\n'),
    message: '"engine.image" is "repo:tag": a tag or a bare name can change what it points to.',
    allowed: 'one of the blocks {digest, repository?}, {state: unbuilt, recipe}, {state: host, binary, source}',
    line: 'image: repo:tag',
  },
  {
    name: 'an image without keys',
    text: edited(IMAGE_BLOCK, '  image: {}\n'),
    message: '"engine.image" is a block of keys, {}.',
    allowed: '{state: host, binary, source}',
    line: 'image: {}',
  },
  {
    name: 'a misspelt image state',
    text: edited('state: unbuilt', 'state: unbuild'),
    message: '"engine.image.state" is "unbuild". Did you mean "unbuilt"?',
    allowed: 'unbuilt, host.',
    line: 'state: unbuild',
  },
  {
    name: 'a digest beside a state',
    text: edited('state: unbuilt', `state: unbuilt\n    digest: ${ZERO_DIGEST}`),
    message: 'unknown key "engine.image.digest".',
    allowed: '{digest, repository?}',
    line: 'digest: sha256',
  },
  {
    name: 'a tag beside a digest',
    text: edited(IMAGE_BLOCK, `  image:\n    digest: ${ZERO_DIGEST}\n    tag: v1\n`),
    message: 'unknown key "engine.image.tag".',
    allowed: '{digest, repository?}',
    line: 'tag: v1',
  },
  {
    name: 'a unit behind the number',
    text: edited('monthlyUsd: 500', 'monthlyUsd: "500 USD"'),
    message: '"budget.monthlyUsd" is "500 USD".',
    allowed: 'a finite number, more than 0, without a unit (Most US dollars a month',
    next: 'in the unit that the key names',
    line: 'monthlyUsd:',
  },
  {
    name: 'seconds for milliseconds',
    text: edited(/timeToFirstTokenMs: .*/, 'timeToFirstTokenMs: 2s'),
    message: '"targets.timeToFirstTokenMs" is "2s".',
    allowed: 'in milliseconds',
    line: 'timeToFirstTokenMs: 2s',
  },
  {
    name: 'a quoted number',
    text: edited('maxReplicas: 2', 'maxReplicas: "2"'),
    message: '"placement.maxReplicas" is "2".',
    next: 'remove the quotes: "maxReplicas: 2".',
    line: 'maxReplicas:',
  },
  {
    name: 'budget 0',
    text: edited('monthlyUsd: 500', 'monthlyUsd: 0'),
    message: '"budget.monthlyUsd" is 0.',
    allowed: 'more than 0',
    line: 'monthlyUsd: 0',
  },
  {
    name: 'a negative budget',
    text: edited('monthlyUsd: 500', 'monthlyUsd: -5'),
    message: '"budget.monthlyUsd" is -5.',
    allowed: 'more than 0',
    line: 'monthlyUsd: -5',
  },
  {
    name: 'not a number',
    text: edited('monthlyUsd: 500', 'monthlyUsd: .nan'),
    message: '"budget.monthlyUsd" is .nan.',
    allowed: 'a finite number',
    line: 'monthlyUsd:',
  },
  {
    name: 'infinity',
    text: edited('monthlyUsd: 500', 'monthlyUsd: .inf'),
    message: '"budget.monthlyUsd" is .inf.',
    allowed: 'a finite number',
    line: 'monthlyUsd:',
  },
  {
    name: 'an overflowing number',
    text: edited('monthlyUsd: 500', 'monthlyUsd: 1e999'),
    message: '"budget.monthlyUsd" is .inf.',
    line: 'monthlyUsd:',
  },
  {
    name: 'a peak of 1e9',
    text: edited('peakRequestsPerSecond: 0.5', 'peakRequestsPerSecond: 1e9'),
    message: '"load.peakRequestsPerSecond" is 1000000000.',
    allowed: 'at most 100000',
    line: 'peakRequestsPerSecond:',
  },
  {
    name: 'half a replica',
    text: edited('maxReplicas: 2', 'maxReplicas: 1.5'),
    message: '"placement.maxReplicas" is 1.5.',
    allowed: 'a whole number',
    line: 'maxReplicas:',
  },
  {
    name: 'more hours than a month has',
    text: edited('hoursPerMonth: 200', 'hoursPerMonth: 800'),
    message: '"load.hoursPerMonth" is 800.',
    allowed: 'at most 744',
    line: 'hoursPerMonth:',
  },
  {
    name: 'an empty value',
    text: edited('region: us-east-1', 'region:'),
    message: '"placement.region" has no value.',
    next: 'write a value behind "region:", or remove the key.',
    line: 'region:',
  },
  {
    name: 'an empty section',
    text: edited(BUDGET_BLOCK, 'budget:\n'),
    message: '"budget" has no value.',
    allowed: 'monthlyUsd, usdPerThousandImages',
    next: 'write its keys below "budget:", indented.',
    line: 'budget:',
  },
  {
    name: 'a missing section',
    text: edited(BUDGET_BLOCK, ''),
    message: '"budget" is missing.',
    next: 'add "budget:" at the top level.',
    line: 'apiVersion',
  },
  {
    name: 'a missing key',
    text: edited(/ {2}revision: .*\n/, ''),
    message: '"model.revision" is missing.',
    next: 'add "revision:" below "model:".',
    line: 'model:',
  },
  {
    name: 'a word where a list belongs',
    text: edited(/capacity:\n.*\n/, 'capacity: on-demand\n'),
    message: '"placement.capacity" is "on-demand".',
    next: 'write a list, one line with "- " per entry.',
    line: 'capacity:',
  },
  {
    name: 'a misspelt capacity',
    text: edited('- on-demand', '- ondemand'),
    message: '"placement.capacity[0]" is "ondemand". Did you mean "on-demand"?',
    line: '- ondemand',
  },
  {
    name: 'true as an owner',
    text: edited(/owner: .*/, 'owner: true'),
    message: '"metadata.owner" is true.',
    next: 'put the value in quotes.',
    line: 'owner:',
  },
  {
    name: 'a blank owner',
    text: edited(/owner: .*/, 'owner: "  "'),
    message: '"metadata.owner" is "  ".',
    allowed: 'not blank',
    line: 'owner:',
  },
  {
    name: 'an owner on two lines',
    text: edited(/owner: .*/, 'owner: "a\\nb"'),
    message: '"metadata.owner" is "a\\nb".',
    allowed: 'on one line',
    line: 'owner:',
  },
  {
    name: 'an upper-case environment',
    text: edited('environment: production', 'environment: Production'),
    message: '"metadata.environment" is "Production". Did you mean "production"?',
    line: 'environment:',
  },
  {
    name: 'a name with spaces',
    text: edited('name: puppet-show', 'name: Puppet Show'),
    message: '"metadata.name" is "Puppet Show".',
    allowed: 'lower-case letters, digits and dashes',
    line: 'name: Puppet',
  },
  {
    name: 'a lock outside the repository',
    text: edited(/lock: .*/, 'lock: ../../etc/passwd'),
    message: '"compliance.lock" is "../../etc/passwd".',
    allowed: 'a path inside the repository',
    line: 'lock:',
  },
  {
    name: 'a Windows path',
    text: edited(/lock: .*/, 'lock: C:\\lock.json'),
    message: '"compliance.lock" is "C:\\\\lock.json".',
    allowed: 'forward slashes',
    line: 'lock:',
  },
  {
    name: 'a policy outside the repository',
    text: edited('policy: production', 'policy: ../mine'),
    message: '"compliance.policy" is "../mine".',
    allowed: 'the name of a policy',
    line: 'policy:',
  },
  {
    name: 'another version of the format',
    text: edited('onevision-kit/v1', 'onevision-kit/v9'),
    message: '"apiVersion" is "onevision-kit/v9". Did you mean "onevision-kit/v1"?',
    line: 'apiVersion',
  },
  {
    name: 'a misplaced key',
    text: edited('budget:\n', 'monthlyUsd: 4\nbudget:\n'),
    message: 'unknown key "monthlyUsd". Did you mean "budget.monthlyUsd"?',
    line: 'monthlyUsd: 4',
  },
  {
    name: 'the key __proto__',
    text: edited('budget:\n', '__proto__:\n  x: 1\nbudget:\n'),
    message: 'the key "__proto__" is not allowed.',
    line: '__proto__',
  },
  {
    name: 'a tab',
    text: edited('  name: puppet-show', '\tname: puppet-show'),
    message: 'a tab is used to indent the line.',
    allowed: 'spaces.',
    line: '\tname',
  },
  {
    name: 'a duplicate key',
    text: edited('  costCentre:', '  owner: x\n  costCentre:'),
    message: 'the key "owner" is given twice, first in line',
    line: 'owner: x',
  },
];

describe('values that no release may have', () => {
  it.each(BAD_VALUES)('$name', ({ text, message, allowed, next, line }) => {
    const problems = loadProblems(text);
    expect(problems).toHaveLength(1);
    const problem = problems[0] as Problem;
    expect(problem.message).toContain(message);
    expect(problem.allowed ?? '').toContain(allowed ?? '');
    expect(problem.next).toBeTruthy();
    expect(problem.next).toContain(next ?? '');
    expect(text.split('\n')[(problem.location?.line ?? 0) - 1]).toContain(line);
    expect(problem.location?.column).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['timeToFirstTokenMs: 2000', 'timeToFirstToken: 2s', 'timeToFirstTokenMs'],
    ['monthlyUsd: 500', 'monthly: 500', 'monthlyUsd'],
    ['monthlyUsd: 500', 'montlyUsd: 500', 'monthlyUsd'],
    ['costCentre:', 'cost-centre:', 'costCentre'],
    ['costCentre:', 'costCenter:', 'costCentre'],
  ])('%s written as %s is told the right key', (from, to, key) => {
    const messages = loadProblems(edited(from, to)).map((problem) => problem.message);
    expect(messages).toHaveLength(2);
    expect(messages.join(' ')).toContain(`Did you mean "${key}"?`);
    expect(messages.join(' ')).toContain(`${key}" is missing.`);
  });

  it('are all reported at once', () => {
    const text = edited('maxReplicas: 2', 'maxReplicas: two')
      .replace('monthlyUsd: 500', 'monthlyUsd: 0')
      .replace('policy: production', 'polcy: production');
    expect(loadProblems(text)).toHaveLength(4);
  });
});

describe('values that contradict each other', () => {
  const onCluster = (block: string) => edited('  target: aws\n', block).replace(/ {2}offHours: .*\n/, '');
  const clusterBlock = '  target: cluster\n  cluster:\n    context: c\n    nodeVcpu: 2\n    nodeMemoryGib: 4\n';

  it.each([
    ['target aws without a region', edited('  region: us-east-1\n', ''), 'placement.region is missing'],
    ['target aws without families', edited(/ {2}instanceFamilies:\n(?: {4}.*\n)+/, ''), 'placement.instanceFamilies is missing'],
    ['target cluster without a cluster', onCluster('  target: cluster\n'), 'placement.cluster is missing'],
    ['target aws with a cluster', edited('  target: aws\n', clusterBlock.replace('cluster\n', 'aws\n')), 'the target is aws'],
    ['GPUs that nobody names', onCluster(`${clusterBlock}    nodeGpuCount: 1\n`), 'nodeGpu is missing'],
    [
      'Karpenter in a cluster of somebody else',
      edited('  target: aws\n', clusterBlock)
        .replace('nodes: managed', 'nodes: karpenter')
        .replace(/ {2}offHours: .*\n/, ''),
      'whose nodes are its own',
    ],
    [
      'off hours in a cluster of somebody else',
      edited('  target: aws\n', clusterBlock),
      'placement.offHours is given, but the target is an existing cluster',
    ],
    ['off hours with Karpenter', edited('nodes: managed', 'nodes: karpenter'), 'moves the size of node groups'],
    ['scaling to zero', edited('minReplicas: 1', 'minReplicas: 0'), 'nothing holds a request'],
    ['scaling between equal bounds', edited('maxReplicas: 2', 'maxReplicas: 1'), 'there is nothing to scale'],
    ['an unknown autoscaler', edited('autoscaling: keda', 'autoscaling: vpa'), 'autoscaling'],
    ['fewer replicas at most than at least', edited('minReplicas: 1', 'minReplicas: 5'), 'less than minReplicas (5)'],
    [
      'a host binary on AWS',
      edited(IMAGE_BLOCK, '  image:\n    state: host\n    binary: x\n    source: npm:x@1\n'),
      'which AWS targets refuse',
    ],
    [
      'a real image in a rehearsal on an existing cluster',
      edited(IMAGE_BLOCK, `  image:\n    digest: sha256:${'a'.repeat(64)}\n`)
        .replace('  target: aws\n', clusterBlock)
        .replace(/ {2}offHours: .*\n/, '')
        .replace('environment: production', 'environment: rehearsal'),
      'runs placeholders only',
    ],
    ['images without a size', edited(/ {2}imageWidthPx: .*\n/, ''), 'imageWidthPx or imageHeightPx is missing'],
    ['an average above the peak', edited(/averageRequestsPerSecond: .*/, 'averageRequestsPerSecond: 3'), 'more than the peak (0.5)'],
  ])('%s', (_name, text, message) => {
    const problems = loadProblems(text);
    expect(problems.map((problem) => problem.message).join(' ')).toContain(message);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.location?.line).toBeGreaterThan(1);
    expect(problems[0]?.next).toBeTruthy();
  });

  it('are looked for in the environment that replaces that of the file', () => {
    const file = releaseFile(
      edited(IMAGE_BLOCK, `  image:\n    digest: sha256:${'a'.repeat(64)}\n`)
        .replace('  target: aws\n', clusterBlock)
        .replace(/ {2}offHours: .*\n/, ''),
    );
    expect(loadRelease(file).release.metadata.environment).toBe('production');
    expect(() => loadRelease(file, { environment: 'rehearsal' })).toThrow(/placeholders only/);
  });
});
