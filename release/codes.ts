import type { CodeTable } from '../core/codes';

/** Codes of `release/`. */
export const RELEASE_CODES: CodeTable = {
  E_RELEASE_INVALID: {
    title: 'The release file does not say what a release must say',
    meaning:
      'A key is unknown, misspelt or missing, a value has the wrong type, unit or range, or two values contradict each other. Units stand in the names of the keys, so values are plain numbers. A model revision is a full commit and an image is a digest: branches, tags and short hashes can change what they point to, and a verdict on them would not hold.',
    remedy:
      'Mend each line that the messages name; all problems of the file are listed at once. `npx ovkit init` writes a valid file to compare with, and editors that know the YAML language server check the file while you type, by the schema in release/release.schema.json.',
  },
  E_RELEASE_EXISTS: {
    title: 'ovkit init found a file where it was to write one',
    meaning: 'A release is written by people. init replaces one only when it is told to.',
    remedy: 'Name another file with --release FILE, or add --force to overwrite the one that is there.',
  },
  E_INIT_OPTION: {
    title: 'An option of ovkit init has a value that no release may have',
    meaning: 'The file that init writes is always valid, so a value that the schema refuses is refused before anything is written.',
    remedy: 'Give the option one of the values that the message allows, or leave it away for the default.',
  },
};
