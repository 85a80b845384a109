import type { Verdict } from './verdict';
import type { WaiverFile } from './waiver';

export interface WaiverStatus {
  readonly id: string;
  readonly file: string;
  readonly subject: string;
  readonly rule: string;
  /** holds: it excuses a point; void: a pin, the time or the signature does not hold; unused: what it was for is no longer open. */
  readonly state: 'holds' | 'void' | 'unused';
  readonly because: string;
  readonly expires: string;
  /** Whole days from the time of the check; negative once it has run out. */
  readonly daysLeft: number;
}

const DAY_MS = 86_400_000;

/** What became of every waiver of the files in a verdict. */
export function waiverStatus(files: readonly WaiverFile[], verdict: Verdict, at: Date): readonly WaiverStatus[] {
  const applied = new Set(verdict.waivers.map((waiver) => waiver.id));
  return files.flatMap(({ file, waivers }) =>
    waivers.map(({ waiver }) => {
      const complaint = verdict.findings.find((finding) => finding.subject === `waiver:${waiver.id}`);
      const state = applied.has(waiver.id) ? 'holds' : complaint ? 'void' : 'unused';
      const because = complaint?.message ?? (state === 'holds' ? 'every pin holds.' : `nothing is open for ${waiver.subject}.`);
      const daysLeft = Math.floor((new Date(waiver.notAfter).getTime() - at.getTime()) / DAY_MS);
      return {
        id: waiver.id,
        file,
        subject: waiver.subject,
        rule: waiver.rule,
        state,
        because,
        expires: waiver.notAfter,
        daysLeft,
      } as const;
    }),
  );
}
