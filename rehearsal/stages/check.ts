import { checkRelease } from '../../compliance/check-release';
import { exitCodeOf } from '../../compliance/state';
import { required, type Stage } from '../stage';

/** Judges licences and availability from the evidence lock. */
export const checkStage: Stage = {
  id: 'check',
  title: 'judge licences and availability',
  async run(walk) {
    const verdict = checkRelease(required(walk.loaded, 'the release'), required(walk.catalog, 'the catalog'), walk.now);
    walk.verdict = verdict;
    walk.seen.check = exitCodeOf(verdict.state);
    return {
      state: verdict.state === 'allowed' ? 'passed' : 'refused-as-expected',
      detail: `${verdict.summary} (${verdict.subjectsChecked} of ${verdict.subjectsExpected} subjects checked)`,
      notProved: ['The verdict records declared and verified facts and policy decisions; it is not legal advice.'],
    };
  },
};
