import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { STACKS_CODES } from '../../stacks/codes';
import { boundedName, NAME_LIMIT, serviceAccountOf } from '../../stacks/names';
import { amiTypeOf, isArm } from '../../stacks/platform/ami-type';
import { nodeCounts } from '../../stacks/platform/node-counts';
import { DEFAULT_SETTINGS, readSettings } from '../../stacks/settings';
import { aPlan, aRelease } from './fixtures';

describe('readSettings', () => {
  it('enforces and keeps state in files unless told otherwise', () => {
    expect(readSettings({})).toEqual({ settings: DEFAULT_SETTINGS, gate: 'enforce' });
    expect(readSettings({ OVKIT_GATE: '' }).gate).toBe('enforce');
    expect(readSettings({ OVKIT_GATE: 'report' }).gate).toBe('report');
  });

  it.each(['off', 'Report', 'true', 'reprot'])('refuses the gate mode %j, so that a misspelt word never opens the gate', (word) => {
    expect(() => readSettings({ OVKIT_GATE: word })).toThrow(/E_STACK_SETTING: OVKIT_GATE.*Allowed: enforce, report/);
  });

  it('reports every wrong variable at once', () => {
    const wrong = {
      OVKIT_STATE_BUCKET: 'Not A Bucket',
      OVKIT_VPC_CIDR: '10.0.0.0/8',
      OVKIT_CLUSTER_CIDRS: '203.0.113.7/32,300.0.0.0/8',
      OVKIT_CLUSTER_ADMINS: 'me',
      OVKIT_GITHUB_REPOSITORY: 'https://github.com/a/b',
    };
    try {
      readSettings(wrong);
      expect.unreachable();
    } catch (error) {
      for (const name of Object.keys(wrong)) expect(String(error)).toContain(name);
    }
  });

  it('reads lists', () => {
    expect(readSettings({ OVKIT_CLUSTER_CIDRS: '203.0.113.7/32, 198.51.100.0/24' }).settings.clusterCidrs).toEqual([
      '203.0.113.7/32',
      '198.51.100.0/24',
    ]);
  });
});

describe('names', () => {
  const named = (name: string) => aRelease((raw) => Object.assign(raw.metadata, { name }));

  it('stay within their limit and never become one', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/);
    fc.assert(
      fc.property(label, label, (a, b) => {
        const [one, two] = [a, b].map((name) => boundedName(named(name), 'weights-reader', NAME_LIMIT.bucketBeforeAccount));
        expect(one?.length).toBeLessThanOrEqual(NAME_LIMIT.bucketBeforeAccount);
        expect(one === two).toBe(a === b);
        expect(one).toMatch(/^[a-z][a-z0-9-]*[a-z0-9]$/);
      }),
    );
  });

  it('know what the chart calls its service account', () => {
    const helpers = readFileSync(fromRoot('charts/onevision/templates/_helpers.tpl'), 'utf8');
    expect(helpers).toContain('ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name)');
    expect(serviceAccountOf(named('puppet-show'))).toBe('puppet-show-onevision');
    expect(serviceAccountOf(named('onevision-test'))).toBe('onevision-test');
  });
});

describe('node images', () => {
  it('follow the processor in the name of every instance type of the catalog', () => {
    const instances = JSON.parse(readFileSync(fromRoot('catalog/instances.json'), 'utf8'));
    expect(instances.length).toBeGreaterThan(100);
    for (const { type, arch } of instances) expect({ type, arm: isArm(type) }).toEqual({ type, arm: arch === 'arm64' });
  });

  it('carry the driver only for GPUs', () => {
    expect(amiTypeOf('g5g.xlarge', 'gpu')).toBe('AL2023_ARM_64_NVIDIA');
    expect(amiTypeOf('c8i.8xlarge', 'cpu')).toBe('AL2023_x86_64_STANDARD');
  });
});

describe('nodeCounts', () => {
  const placement = aPlan(aRelease()).placement;

  it('shares a node among as many replicas as its GPUs carry', () => {
    expect(nodeCounts({ ...placement, gpuCount: 4, tensorParallel: 2, replicas: 3, minReplicas: 1, maxReplicas: 8 })).toEqual({
      min: 1,
      desired: 2,
      max: 4,
    });
  });

  it('keeps min <= desired <= max and room for one node', () => {
    const count = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 0, max: 8 }), (replicas, minReplicas, maxReplicas, gpuCount) => {
        const { min, desired, max } = nodeCounts({ ...placement, gpuCount, replicas, minReplicas, maxReplicas });
        expect(min).toBeLessThanOrEqual(desired);
        expect(desired).toBeLessThanOrEqual(max);
        expect(max).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('the sources of stacks/', () => {
  const files = readdirSync(fromRoot('stacks'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = (file: string) => readFileSync(fromRoot(join('stacks', file)), 'utf8');

  it('import provider packages by their deep path only', () => {
    expect(files.length).toBeGreaterThan(20);
    const roots = files.filter((file) => /from '@cdktf\/provider-[a-z]+'|require\('@cdktf\/provider-[a-z]+'\)/.test(text(file)));
    expect(roots).toEqual([]);
  });

  it('emit only codes that are documented', () => {
    const used = new Set(files.flatMap((file) => [...text(file).matchAll(/'(E_STACK_[A-Z_]+)'/g)].map((match) => match[1] ?? '')));
    expect([...used].sort()).toEqual(Object.keys(STACKS_CODES).sort());
  });
});
