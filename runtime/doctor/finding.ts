/**
 * What a finding means for serving.
 * refused: the engine will not start, or will answer wrongly; unknown: nobody has looked or can tell from here; warning: it serves, with
 * something to know; note: for the record.
 */
export type FindingLevel = 'refused' | 'unknown' | 'warning' | 'note';

/** One thing that the doctor has to say about a model on an engine. */
export interface RuntimeFinding {
  /** Stable id, explained by `ovkit explain`. */
  readonly rule: RuntimeRule;
  readonly level: FindingLevel;
  /** What was found, with the value. */
  readonly message: string;
  /** The edit or command that closes it; null for a note. */
  readonly closes: string | null;
  /** File of the model that it stands in; null when it is about none. */
  readonly file: string | null;
}

export type RuntimeRule = `OVK-RUN-${string}`;

/** Makes findings of one rule: the level first, since it decides what the reader does. */
export function finding(
  rule: RuntimeRule,
  level: FindingLevel,
  message: string,
  closes: string | null = null,
  file: string | null = null,
): RuntimeFinding {
  return { rule, level, message, closes, file };
}
