import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../compliance/verdict';
import { licenceGroups } from '../../reports/html/licence-groups';
import { groupFindings } from '../../reports/open-point-groups';
import { sampleVerdict } from './sample';

const anyFinding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.constantFrom('OVK-LIC-001', 'OVK-LIC-002'),
    state: fc.constantFrom('unknown', 'denied'),
    closes: fc.constantFrom('ask', 'wait'),
    message: fc.constantFrom('m', 'n'),
    subject: fc.string(),
  })
  .map((over) => ({ ...(sampleVerdict().findings[0] as Finding), ...over }));

describe('groups of open points', () => {
  it('hold every finding once, and only alike ones', () => {
    fc.assert(
      fc.property(fc.array(anyFinding), (findings) => {
        const groups = groupFindings(findings);
        expect(groups.flatMap((group) => group.findings)).toHaveLength(findings.length);
        for (const group of groups) {
          for (const finding of group.findings) {
            expect([finding.rule, finding.state, finding.closes]).toEqual([group.rule, group.state, group.closes]);
            if (group.message !== null) expect(finding.message).toBe(group.message);
          }
        }
      }),
    );
  });
});

describe('groups of licences', () => {
  it('hold every subject once', () => {
    const { subjects } = sampleVerdict();
    const ids = licenceGroups(subjects).flatMap((group) => [
      ...group.shown.flatMap((alike) => alike.subjects),
      ...group.crowds.flatMap((crowd) => crowd.byLicence.flatMap((part) => part.subjects)),
    ]);
    expect(ids.map((subject) => subject.id).sort()).toEqual(subjects.map((subject) => subject.id).sort());
  });

  it('put subjects together only when the same is said of them and no evidence could differ', () => {
    const [first] = sampleVerdict().subjects;
    if (!first) throw new Error('the sample has subjects');
    const bare = ['a', 'b', 'c'].map((id) => ({ ...first, id, evidence: [] }));
    expect(licenceGroups(bare)[0]?.shown.map((alike) => alike.subjects.length)).toEqual([3]);
    const other = bare.map((subject) => (subject.id === 'b' ? { ...subject, because: 'something else.' } : subject));
    expect(licenceGroups(other)[0]?.shown.map((alike) => alike.subjects.length)).toEqual([2, 1]);
    const withEvidence = bare.map((subject) => ({ ...subject, evidence: first.evidence }));
    expect(licenceGroups(withEvidence)[0]?.shown.map((alike) => alike.subjects.length)).toEqual([1, 1, 1]);
  });
});
