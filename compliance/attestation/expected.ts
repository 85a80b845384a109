import { type JudgeInputs, judge } from '../judge';
import { pinsOf } from '../pins';
import type { Expected } from './verify';

/** What a signed verdict is held against: the release as it lies here, by its name, its pins, and by what it would be judged today. */
export function expectedOf(inputs: JudgeInputs): Expected {
  const { environment, name } = inputs.release.metadata;
  return {
    verdict: { environment, release: { name, file: inputs.releaseFile } },
    pins: pinsOf(inputs),
    digestAt: (at, releaseFile) => judge(named(inputs, releaseFile), at).digest,
  };
}

/** The same release by the path that it had for the signer: whoever verifies may stand in another folder. */
function named(inputs: JudgeInputs, releaseFile: string): JudgeInputs {
  const subjects = inputs.subjects.map((subject) =>
    subject.location.file === inputs.releaseFile ? { ...subject, location: { ...subject.location, file: releaseFile } } : subject,
  );
  return { ...inputs, releaseFile, subjects };
}
