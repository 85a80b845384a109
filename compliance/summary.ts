import type { Verdict } from './verdict';

/** One sentence for people. Never "compliant": the kit records what is declared and verified, and what the policy says of it. */
export function summaryOf(
  verdict: Pick<Verdict, 'state' | 'environment' | 'findings' | 'subjects' | 'subjectsChecked' | 'waivers'>,
): string {
  const errors = verdict.findings.filter((finding) => finding.severity === 'error');
  if (verdict.state === 'denied') {
    const subjects = [...new Set(errors.filter((finding) => finding.state === 'denied').map((finding) => finding.subject))];
    return `denied: ${subjects.length > 3 ? `${subjects.slice(0, 3).join(', ')} and ${subjects.length - 3} more` : subjects.join(', ')}`;
  }
  if (verdict.state !== 'allowed') return `not releasable yet: ${count(errors.length, 'open point')}`;
  const waivers = verdict.waivers.length;
  if (verdict.environment === 'rehearsal') return `allowed for rehearsal only, ${count(waivers, 'waiver')}`;
  if (waivers > 0) return `allowed: ${verdict.subjectsChecked} subjects, ${count(waivers, 'waiver')}`;
  return `allowed: all ${verdict.subjectsChecked} subjects are on the policy's lists`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
