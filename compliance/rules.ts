import type { CodeTable } from '../core/codes';

/**
 * The rules of the compliance engine. The ids are stable: waivers and reports are keyed by them.
 * LIC: what the licence says; EVD: how good the evidence is; AVL: whether the thing can be had; IMG: the image; OPN: openness; WVR: waivers; SUB: counting.
 */
export const RULES: CodeTable = {
  'OVK-LIC-001': {
    title: 'Denied licence',
    meaning:
      'Every statement about the subject is a licence that the policy does not allow for its role. Known to be bad, so no waiver helps.',
    remedy: 'Replace the subject, or change the policy by review.',
  },
  'OVK-LIC-002': {
    title: 'Licence that cannot be judged',
    meaning:
      'What is stated is not an SPDX expression, is a list that does not say all or any, or is a private reference that the policy does not know.',
    remedy: 'Obtain the licence text as evidence, or settle the wording in the policy, pinned to the bytes.',
  },
  'OVK-LIC-003': {
    title: 'No licence stated',
    meaning: 'The sources were read and state none. Without a licence nobody may use it.',
    remedy: 'Ask the publisher, then gather the evidence again; or have a waiver signed.',
  },
  'OVK-LIC-004': {
    title: 'Channels disagree',
    meaning: 'Two statements about the same subject name different licences, for instance its metadata and its licence file.',
    remedy: 'Find out which holds. The text at the pinned revision decides; a score or a majority does not.',
  },
  'OVK-LIC-005': {
    title: 'The licence text is not the licence it is said to be',
    meaning: 'The kept text differs from the SPDX text: a clause was added, taken out or replaced, or it is another licence.',
    remedy: 'Read it. When it is acceptable, settle exactly these bytes in the policy.',
  },
  'OVK-LIC-006': {
    title: 'A label contradicts the terms of a source inside',
    meaning:
      'A data set is labelled with a permissive licence, but was made from a source under restrictive terms. Both cannot hold for the same images.',
    remedy: 'Ask the publisher what the label covers, leave the source out, or have a waiver signed.',
  },
  'OVK-LIC-007': {
    title: 'Licence that has to be acknowledged',
    meaning:
      'The policy accepts it for this subject only when somebody has read the terms and says so for this release, as for NVIDIA layers of an image.',
    remedy: 'Have a waiver signed that names the terms.',
  },
  'OVK-LIC-008': {
    title: 'A licence file of a package is no licence word for word',
    meaning:
      'The package declares an acceptable licence, but a licence file in its bytes has a clause more, fewer or other than the SPDX text, or is something else. Nobody knows which of the two holds.',
    remedy: 'Read the file. When it is acceptable, settle exactly these bytes in the policy, with what was read.',
  },
  'OVK-LIC-009': {
    title: 'A package without a licence file',
    meaning:
      'The package declares a licence and does not bring its text. Whether that suffices is for the policy to say (packageTexts.none).',
    remedy: 'Ask the author to put the licence into the package, or accept the declaration in the policy.',
  },
  'OVK-EVD-001': {
    title: 'Licence only documented',
    meaning: 'A document about the artifact names an acceptable licence, but nobody has read it at the artifact itself.',
    remedy: 'Gather the evidence at the artifact from a machine that reaches it.',
  },
  'OVK-EVD-002': {
    title: 'Evidence has run out',
    meaning:
      'It was read longer ago than the policy allows. Bytes that are pinned by a hash stay good longer than answers of a live service.',
    remedy: 'Gather it again and commit the lock.',
  },
  'OVK-EVD-003': {
    title: 'Kept licence text missing or changed',
    meaning: 'The lock names a licence text by its hash, and compliance/evidence does not hold these bytes.',
    remedy: 'Restore compliance/evidence from git, or gather the evidence again.',
  },
  'OVK-EVD-004': {
    title: 'No evidence',
    meaning: 'The release needs the subject, and the lock does not mention it.',
    remedy: 'Gather evidence of it into the lock.',
  },
  'OVK-EVD-005': {
    title: 'Evidence of another revision',
    meaning: 'The lock was made for other bytes than the release pins; a licence may change between two revisions.',
    remedy: 'Gather the evidence of the pinned revision.',
  },
  'OVK-EVD-006': {
    title: 'Package without integrity',
    meaning:
      'The package lock pins no one hash for it that npm or pip checks and that cannot be forged: it is a folder, a link or a git address, it has SHA-1 alone, or several hashes of which any is taken. So nobody knows which bytes will be installed.',
    remedy: 'Install it from a registry, by one hash.',
  },
  'OVK-EVD-007': {
    title: 'Evidence from the future',
    meaning: 'It is dated more than a day after the time of the check: a clock is wrong, or the date was made up.',
    remedy: 'Correct the clock, or gather the evidence again.',
  },
  'OVK-EVD-008': {
    title: 'Evidence of other bytes',
    meaning:
      'The files in the lock are not those that the catalog, the release, the package lock or the Python lock of the image pins, some shards of the weights are missing, or the lock holds no hash of them.',
    remedy: 'Gather the evidence again, or correct the revision or the hash.',
  },
  'OVK-EVD-009': {
    title: 'Licence files of a package not read',
    meaning:
      'compliance/package-texts.lock.json holds nothing on these bytes of the package, so nobody knows whether its package.json and its licence files say what the package lock does.',
    remedy: 'Run `npx ovkit lock packages` and commit the record.',
  },
  'OVK-AVL-001': {
    title: 'Artifact could not be read',
    meaning:
      'The machine that gathered the evidence did not reach it, or could not tell whether it is there, and no document about it is known.',
    remedy: 'Gather the evidence from a machine that reaches it.',
  },
  'OVK-AVL-002': {
    title: 'Artifact is not there',
    meaning: 'What the claim of openness needs was never published, was deleted, or is a stub such as "# coming".',
    remedy: 'Ask the publisher; until then lower compliance.requires or have a waiver signed.',
  },
  'OVK-AVL-003': {
    title: 'Artifact is gated, private or disabled',
    meaning: 'Not everybody can have it, so the release is not reproducible by others.',
    remedy: 'Use an open copy, or have a waiver signed.',
  },
  'OVK-AVL-004': {
    title: 'Artifact was renamed',
    meaning: 'The id that was asked for answered under another. A rename can change the owner.',
    remedy: 'Name it by its new id in the catalog.',
  },
  'OVK-IMG-001': {
    title: 'Image not built',
    meaning: 'There is no digest, so nobody can say what will run.',
    remedy: 'Build the recipe, push the image, and write its digest under engine.image.',
  },
  'OVK-IMG-002': {
    title: 'Binary on the host without an acceptable source',
    meaning: 'A binary on the nodes is judged by the pinned source it was built from; this source is unknown, or is itself open.',
    remedy: 'Name a source of the engine as engine.image.source, and close its points.',
  },
  'OVK-OPN-001': {
    title: 'A kind of artifact is missing from the lineage',
    meaning: 'compliance.requires needs it, and the catalog knows of none for this model.',
    remedy: 'Find it and add it to the catalog, or lower compliance.requires.',
  },
  'OVK-OPN-002': {
    title: 'Not judged at this level of openness',
    meaning: 'The lineage names the artifact, but compliance.requires does not need it. Shown, so that nobody takes it for checked.',
    remedy: 'Raise compliance.requires to have it judged.',
  },
  'OVK-WVR-001': {
    title: 'Waiver without a valid signature',
    meaning: 'It is unsigned, signed by a key that the policy does not trust for its environments, or changed after signing.',
    remedy: 'Have it signed again, or remove it.',
  },
  'OVK-WVR-002': {
    title: 'Waiver outside its time',
    meaning: 'The time of the check lies before notBefore or after notAfter, or the waiver is meant to last longer than the policy allows.',
    remedy: 'Close the point, or have the waiver renewed.',
  },
  'OVK-WVR-003': {
    title: 'Waiver for another environment',
    meaning: 'It names other environments than that of the release.',
    remedy: 'Ask for one for this environment.',
  },
  'OVK-WVR-004': {
    title: 'Waiver whose pins no longer match',
    meaning:
      'Rule, revision or licence are not what they were when it was signed, or the point is now denied, or it is a breach of integrity (changed texts, other bytes, evidence from the future), which no waiver excuses, or an image that does not exist, which is excused in rehearsals only.',
    remedy: 'Look at what changed, and have a new one signed if it is still right.',
  },
  'OVK-WVR-005': {
    title: 'Two waivers of one id',
    meaning: 'Two waivers that count for the release have the same id, so a report could not say which of them was applied. Both are void.',
    remedy: 'Give each its own id and have it signed again, or name the file of waivers once.',
  },
  'OVK-SUB-001': {
    title: 'Not every subject was checked',
    meaning: 'The number of subjects checked is not the number expected.',
    remedy: 'This is a defect of the kit: report it.',
  },
  'OVK-SUB-002': {
    title: 'Evidence of something that the lineage does not name',
    meaning:
      'The evidence lock holds a model or data that neither the model nor the engine of the catalog names: it was left out of the lineage after the lock was gathered, such as a base model, so nobody judges it any more.',
    remedy: 'Put it back into the lineage of the catalog, or gather the lock again, which keeps what is named.',
  },
};
