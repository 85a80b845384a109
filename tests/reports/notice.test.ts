import { describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { sha256Hex } from '../../core/canonical-json';
import { type NoticeText, toNotice } from '../../reports/notice';
import { sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

const verdict = sampleVerdict();
const [first, second] = verdict.subjects.map((subject) => subject.id);
const textOf = (subject = '', text = 'Permission is granted.\r\n\tAll of it.', file = 'LICENSE'): NoticeText => ({
  subject,
  file,
  text,
  sha256: sha256Hex(text),
});

describe('the NOTICE', () => {
  it('names every subject, with its licence and its text, or that there is none at hand', () => {
    const notice = toNotice(verdict, [textOf(first)]);
    for (const subject of verdict.subjects) expect(notice).toContain(`${subject.id}: `);
    expect(notice).toMatch(new RegExp(`^${first?.replaceAll(/[^A-Za-z0-9]/g, '.')}: .*; text 1$`, 'm'));
    expect(notice.match(/; no text at hand$/gm)).toHaveLength(verdict.subjects.length - 1);
    expect(notice).toContain(`for ${verdict.subjects.length - 1} no text is at hand`);
  });

  it('prints each text once, word by word, below all that carry it', () => {
    const notice = toNotice(verdict, [textOf(second), textOf(first), textOf(first, 'Another.', 'NOTICE')]);
    expect(notice.match(/Permission is granted\.\n\tAll of it\./g)).toHaveLength(1);
    expect(notice.indexOf(`  ${first} LICENSE`)).toBeGreaterThan(0);
    expect(notice).toContain(`  ${second} LICENSE`);
    expect(notice).toContain('Another.');
  });

  it('puts in no text of what was not judged, and is the same whatever the order', () => {
    expect(toNotice(verdict, [textOf('npm:stranger@1.0.0', 'Alien.')])).not.toContain('Alien');
    const texts = [textOf(first), textOf(second, 'Another.')];
    expect(toNotice(verdict, texts)).toBe(toNotice(verdict, [...texts].reverse()));
  });

  it('writes no control character, whatever stands in names and texts', () => {
    const evil = HOSTILE_FRAGMENTS.join('\u001b[2J');
    const hostile = replaceFreeStrings(verdict, VerdictSchema, (index) => `${evil}${index}`);
    const notice = toNotice(hostile, [textOf(hostile.subjects[0]?.id, `${evil}\n=== \u009b`)]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
    expect(notice).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2066]/);
  });
});
