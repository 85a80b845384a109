import { printable } from '../../core/printable';
import type { Diagnosis, DoctorState } from './diagnose';
import type { FindingLevel } from './finding';

const HEADS: Readonly<Record<DoctorState, string>> = {
  serves: 'will serve: nothing that was looked at speaks against it',
  refused: 'will not serve',
  unknown: 'unknown: not everything could be looked at',
};
const MARKS: Readonly<Record<FindingLevel, string>> = { refused: 'refused', unknown: 'unknown', warning: 'warning', note: 'note' };
const MARK_WIDTH = 9;

/** A diagnosis for the terminal: the answer first, then one finding per line with what closes it. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const card = diagnosis.gpu === null ? '' : ` on ${diagnosis.gpu}`;
  const head = `${diagnosis.model} with ${diagnosis.engine} ${diagnosis.engineVersion}${card}: ${HEADS[diagnosis.state]}`;
  const lines = diagnosis.findings.flatMap(({ rule, level, message, closes, file }) => {
    const where = file === null ? '' : `${file}: `;
    const first = `  ${MARKS[level].padEnd(MARK_WIDTH)}${rule}  ${where}${message}`;
    return closes === null ? [first] : [first, `  ${''.padEnd(MARK_WIDTH)}Next: ${closes}`];
  });
  return [head, ...lines].map(printable).join('\n');
}
