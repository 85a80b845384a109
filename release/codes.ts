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
};
