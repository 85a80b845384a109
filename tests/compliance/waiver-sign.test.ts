import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { applyWaivers } from '../../compliance/apply-waivers';
import type { NamedKey } from '../../compliance/attestation/keys';
import { judge, openPoints } from '../../compliance/judge';
import type { OpenPoint } from '../../compliance/open-point';
import { keyId, parseWaivers } from '../../compliance/waiver';
import { draftWaivers, signWaivers } from '../../compliance/waiver-sign';
import { waiverStatus } from '../../compliance/waiver-status';
import { AT, inputsOf } from './support';

const makeKey = (): NamedKey => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { key: privateKey, id: keyId(spki), publicKey: spki.toString('base64') };
};
const KEY = makeKey();
const FILE = 'waivers.yaml';
const whole = inputsOf('release.yaml');
/** As if the image were built: that there is none, no waiver excuses. */
const inputs = { ...whole, subjects: whole.subjects.filter(({ kind }) => kind !== 'image') };
const open = openPoints(inputs, AT).filter((point) => point.mild === undefined);
const filled = (points: readonly OpenPoint[] = open, days = 90) =>
  draftWaivers(points, 'production', AT, days).replaceAll('FILL IN', 'asked the publisher');
const trusting = {
  ...inputs,
  policy: {
    ...inputs.policy,
    trustedKeys: [{ ...KEY, owner: 'tests', environments: ['production' as const] }].map(({ id, publicKey, owner, environments }) => ({
      id,
      publicKey,
      owner,
      environments,
    })),
  },
};
const judged = (text: string, at = AT) => judge({ ...trusting, waiverFiles: [parseWaivers(text, FILE)] }, at);

describe('the way from open points to an allowed release', () => {
  const signed = signWaivers(filled(), FILE, KEY);

  it('goes by a draft for each, filled in and signed: then nothing is open', () => {
    expect(signed.signed).toHaveLength(open.length);
    const verdict = judged(signed.text);
    expect(verdict.findings.filter((finding) => finding.severity === 'error')).toEqual([]);
    expect(verdict.state).toBe('allowed');
    expect(verdict.summary).toBe(`allowed: ${verdict.subjectsChecked} subjects, ${open.length} waivers`);
  });

  it('ends with the waivers, and says so 30 days ahead', () => {
    const verdict = judged(signed.text);
    const end = new Date(AT.getTime() + 90 * 86_400_000);
    expect(judged(signed.text, end).state).not.toBe('allowed');
    expect(verdict.expiring.filter((entry) => entry.what.startsWith('waiver '))).toEqual([]);
    const soon = judged(signed.text, new Date(end.getTime() - 29 * 86_400_000));
    expect(soon.expiring.filter((entry) => entry.what.startsWith('waiver ')).length).toBe(open.length);
  });

  it('makes nothing open: neither framework looks at waivers', () => {
    expect(judged(signed.text).openness).toEqual(judge(inputs, AT).openness);
  });

  it('says of each waiver what it comes to', () => {
    const files = [parseWaivers(signed.text, FILE)];
    const status = (at: Date, text = signed.text) => waiverStatus([parseWaivers(text, FILE)], judged(text, at), at);
    expect(new Set(status(AT).map((waiver) => waiver.state))).toEqual(new Set(['holds']));
    expect(status(AT)[0]?.daysLeft).toBe(90);
    const late = status(new Date(AT.getTime() + 91 * 86_400_000));
    expect(new Set(late.map((waiver) => waiver.state))).toEqual(new Set(['void']));
    expect(late[0]?.daysLeft).toBe(-1);
    const elsewhere = judge({ ...trusting, ...inputsOf('examples/smollm2-cpu.yaml'), policy: trusting.policy, waiverFiles: files }, AT);
    expect(waiverStatus(files, elsewhere, AT).filter((waiver) => waiver.state === 'unused').length).toBeGreaterThan(0);
  });
});

describe('signing', () => {
  it('refuses a draft in which somebody left reason, ticket or approver open', () => {
    expect(() => signWaivers(draftWaivers(open.slice(0, 1), 'production', AT, 90), FILE, KEY)).toThrow(/FILL IN/);
  });

  it('keeps comments, and leaves signatures that stand', () => {
    const first = signWaivers(`# why we have them\n${filled(open.slice(0, 2))}`, FILE, KEY);
    expect(first.text).toMatch(/^# why we have them\n/);
    const again = signWaivers(first.text, FILE, makeKey());
    expect([again.text, again.signed]).toEqual([first.text, []]);
  });

  it('signs again what is named, and nothing else', () => {
    const first = signWaivers(filled(open.slice(0, 2)), FILE, KEY);
    const other = makeKey();
    const [id] = first.signed;
    const again = parseWaivers(signWaivers(first.text, FILE, other, [id ?? '']).text, FILE);
    expect(again.waivers.map(({ waiver }) => waiver.key)).toEqual([other.id, KEY.id]);
    expect(() => signWaivers(first.text, FILE, other, ['no-such'])).toThrow(/no waiver no-such/);
  });

  it('refuses a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => signWaivers(filled(open.slice(0, 1)), FILE, { ...KEY, key: privateKey })).toThrow(
      expect.objectContaining({ code: 'E_KEY_INVALID' }),
    );
  });

  it('gives drafts of long ids that begin alike ids of their own', () => {
    const [point] = open as [OpenPoint, ...OpenPoint[]];
    const alike = ['a', 'b', 'c'].map((end) => ({ ...point, subject: `data:${'x'.repeat(90)}${end}` }));
    const ids = signWaivers(filled(alike), FILE, KEY).signed;
    expect(new Set(ids).size).toBe(3);
  });

  it('drafts nothing for a denial, nor for a breach of integrity', () => {
    const [point] = open as [OpenPoint, ...OpenPoint[]];
    const none = draftWaivers(
      [
        { ...point, state: 'denied' },
        { ...point, rule: 'OVK-EVD-008', state: 'conflict' },
        { ...point, mild: 'warning' },
      ],
      'production',
      AT,
      90,
    );
    expect(parseWaivers(none, FILE).waivers).toEqual([]);
  });
});

describe('an attacker with a trusted key', () => {
  const [point] = open as [OpenPoint, ...OpenPoint[]];
  const apply = (points: readonly OpenPoint[], ...texts: string[]) => {
    const waivers = texts.flatMap((text) => parseWaivers(text, FILE).waivers);
    const outcome = applyWaivers(
      points,
      waivers,
      { trustedKeys: trusting.policy.trustedKeys, waivers: { maxDays: 365 } },
      'production',
      AT,
    );
    return { waived: outcome.waived.size, rules: outcome.points.map((each) => each.rule) };
  };
  const sign = (points: readonly OpenPoint[], days = 90) => signWaivers(filled(points, days), FILE, KEY).text;

  it('cannot hide one waiver behind the id of another that lasts longer', () => {
    expect(apply([point], sign([point]))).toEqual({ waived: 1, rules: [] });
    expect(apply([point], sign([point]), sign([point], 180))).toEqual({ waived: 0, rules: ['OVK-WVR-005', 'OVK-WVR-005'] });
  });

  it('cannot waive for ever', () => {
    expect(apply([point], sign([point], 365)).waived).toBe(1);
    expect(apply([point], sign([point], 366))).toEqual({ waived: 0, rules: ['OVK-WVR-002'] });
  });

  it('cannot waive that there is no image, but in a rehearsal, where a placeholder stands for it', () => {
    const [unbuilt] = openPoints(whole, AT).filter(({ rule }) => rule === 'OVK-IMG-001') as [OpenPoint];
    expect(draftWaivers([unbuilt], 'production', AT, 90)).not.toContain(unbuilt.rule);
    expect(draftWaivers([unbuilt], 'rehearsal', AT, 90)).toContain(unbuilt.rule);
    const text = signWaivers(filled([{ ...unbuilt, rule: 'OVK-LIC-003' }]).replace('OVK-LIC-003', unbuilt.rule), FILE, KEY).text;
    expect(apply([unbuilt], text)).toEqual({ waived: 0, rules: ['OVK-WVR-004'] });
  });

  it.each(['OVK-EVD-003', 'OVK-EVD-007', 'OVK-EVD-008', 'OVK-SUB-001'])(
    'cannot waive %s, which is about other bytes than were judged',
    (rule) => {
      const text = signWaivers(filled([{ ...point, rule: 'OVK-LIC-003' }]).replace('OVK-LIC-003', rule), FILE, KEY).text;
      expect(apply([{ ...point, rule, state: 'conflict' }], text)).toEqual({ waived: 0, rules: ['OVK-WVR-004'] });
    },
  );
});
