import type { EvidenceRef, Finding } from './verdict';

/** A finding before waivers and severities: the pins are what a waiver has to name. */
export interface OpenPoint {
  readonly rule: string;
  readonly state: Exclude<Finding['state'], 'allowed'>;
  readonly subject: string;
  readonly message: string;
  readonly closes: string;
  readonly evidence: readonly EvidenceRef[];
  readonly location: Finding['location'];
  /** A warning or a note by its nature, whatever the policy says. */
  readonly mild?: 'warning' | 'note';
  /** Hash of the bytes where a lock pins them, else revision or version of the subject. */
  readonly revision: string | null;
  /** Licence observed, as stated by the evidence; null when none is. */
  readonly licence: string | null;
}
