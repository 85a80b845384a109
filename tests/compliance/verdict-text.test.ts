import { describe, expect, it } from 'vitest';
import { judge } from '../../compliance/judge';
import { verdictText } from '../../reports/verdict-text';
import { AT, inputsOf, SMOLLM2 } from './support';

const textOf = (file: string) => verdictText(judge(inputsOf(file), AT), { colours: false });

describe('the verdict on the terminal', () => {
  it('begins with the sentence and names every open point with rule, subject and what would close it', () => {
    const verdict = judge(inputsOf('release.yaml'), AT);
    const text = textOf('release.yaml');
    expect(text.startsWith(verdict.summary)).toBe(true);
    for (const finding of verdict.findings.filter((each) => each.severity === 'error')) {
      expect(text).toContain(`${finding.rule}  ${finding.subject}`);
      expect(text).toContain(`closes: ${finding.closes}`);
    }
  });

  it('counts packages by role instead of listing them', () => {
    const text = textOf(SMOLLM2);
    expect(text).toMatch(/\d+ npm packages: \d+ allowed/);
    expect(textOf('release.yaml')).toMatch(/\d+ Python packages: \d+ allowed, \d+ unknown/);
    expect(text).not.toContain('npm:zod@');
  });

  it('lets no string of the input write control characters', () => {
    const verdict = judge(inputsOf('release.yaml'), AT);
    const evil = '\u001b[2J\r\n::error::owned\u202e';
    const findings = verdict.findings.map((finding) => ({
      ...finding,
      subject: evil,
      message: evil,
      closes: evil,
      location: { ...finding.location, file: evil },
    }));
    const subjects = verdict.subjects.map((subject) => ({ ...subject, id: evil, licence: evil }));
    const text = verdictText({ ...verdict, findings, subjects, summary: evil }, { colours: false });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text).not.toMatch(/^::error/m);
  });
});
