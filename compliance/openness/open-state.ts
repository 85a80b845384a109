import { judgeLicence, type LicenceTerms } from '../expression/evaluate';
import type { JudgedSubject } from '../judge-subject';
import type { OpennessComponent } from '../verdict';
import { APPROPRIATE, OPEN, type WorkType } from './open-licences';

type Answer = Pick<OpennessComponent, 'state' | 'because'>;

/** Rules by which a thing is known not to be there, or not for everybody. */
const NOT_TO_BE_HAD: ReadonlySet<string> = new Set(['OVK-AVL-002', 'OVK-AVL-003']);

/** Whether one thing is open, by its own licence and presence; the policy and its waivers have no say in it. */
export function openState(judged: JudgedSubject, type: WorkType): Answer {
  const { verdict, points } = judged;
  const shut = points.find((point) => NOT_TO_BE_HAD.has(point.rule));
  if (shut) return { state: 'closed', because: `${verdict.id}: ${shut.message}` };
  if (verdict.licence === null) return { state: 'unknown', because: `${verdict.id}: no licence is known.` };
  const open = judgeLicence(verdict.licence, terms(OPEN)).state;
  if (open === 'denied') return { state: 'closed', because: `${verdict.id}: ${verdict.licence} is not an open licence.` };
  if (open === 'unknown') {
    const restricted = verdict.licence.startsWith('LicenseRef-') && (verdict.state === 'denied' || verdict.state === 'conflict');
    return restricted
      ? { state: 'closed', because: `${verdict.id}: its terms are ${verdict.licence}.` }
      : { state: 'unknown', because: `${verdict.id}: ${verdict.licence} cannot be judged.` };
  }
  if (verdict.strength === 'documented' || verdict.strength === 'none')
    return { state: 'unknown', because: `${verdict.id}: ${verdict.licence} is only documented.` };
  if (verdict.state === 'unavailable' || verdict.state === 'conflict' || verdict.state === 'unknown')
    return { state: 'unknown', because: `${verdict.id}: ${verdict.because}` };
  const fitting = judgeLicence(verdict.licence, terms(APPROPRIATE[type])).state === 'allowed';
  const because = `${verdict.id}: ${verdict.strength} ${verdict.licence}`;
  return fitting
    ? { state: 'open', because: `${because}.` }
    : { state: 'conditional', because: `${because}, an open licence, but not one made for a ${type} component.` };
}

/** Whether a data set is described and can be found, which is what OSAID asks of data: its licence does not matter here. */
export function describedState(judged: JudgedSubject): Answer {
  const { verdict, points } = judged;
  const gone = points.find((point) => point.rule === 'OVK-AVL-002');
  if (gone) return { state: 'closed', because: `${verdict.id}: ${gone.message}` };
  const read = verdict.evidence.some((evidence) => evidence.channel !== 'documented');
  return read
    ? { state: 'open', because: `${verdict.id}: its description was read.` }
    : { state: 'unknown', because: `${verdict.id}: nobody has read its description at the source.` };
}

function terms(allowed: ReadonlySet<string>): LicenceTerms {
  return { allowed, denied: new Set(), orLater: 'exact' };
}
