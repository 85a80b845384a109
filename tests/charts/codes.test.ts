import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHARTS_CODES } from '../../charts/codes';
import { fromRoot } from '../../core/project-root';

describe('CHARTS_CODES', () => {
  it('explains every code that the room can emit, and no other', () => {
    const files = readdirSync(fromRoot('charts')).filter((name) => name.endsWith('.ts') && name !== 'codes.ts');
    const emitted = files.flatMap((name) => readFileSync(fromRoot('charts', name), 'utf8').match(/\bE_[A-Z_]+\b/g) ?? []);
    const policies = ['_helpers.tpl', '_files.tpl'].flatMap(
      (name) => readFileSync(fromRoot('charts', 'admission', 'templates', name), 'utf8').match(/OVK-ADM-\d{3}/g) ?? [],
    );
    const scripts = ['weights.sh', 'proxy/proxy.sh', 'tests/smoke.sh'].flatMap(
      (name) => readFileSync(fromRoot('charts', 'onevision', 'files', name), 'utf8').match(/OVK-[A-Z]{3}\b/g) ?? [],
    );
    expect([...new Set([...emitted, ...policies, ...scripts])].sort()).toEqual(Object.keys(CHARTS_CODES).sort());
  });
});
