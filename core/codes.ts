/** What `ovkit explain CODE` says of an error code or a rule id. */
export interface CodeDoc {
  /** One line: what the code stands for. */
  readonly title: string;
  /** Why the kit refuses, in a few sentences. */
  readonly meaning: string;
  /** What the reader does next. */
  readonly remedy: string;
}
export type CodeTable = Readonly<Record<string, CodeDoc>>;

/** Codes of `core/`: files and output. */
export const CORE_CODES: CodeTable = {
  E_FILE_MISSING: {
    title: 'A file that the command needs does not exist',
    meaning:
      'A path on the command line or inside release.yaml names a file that is not there. Paths inside release.yaml are relative to the repository root.',
    remedy: 'Correct the path, or create the file with the command that the message names.',
  },
  E_FILE_UNREADABLE: {
    title: 'A file exists but cannot be read',
    meaning: 'It is a folder, larger than 64 MiB, or the user may not read it.',
    remedy: 'Check the path and its permissions.',
  },
  E_OUT_UNWRITABLE: {
    title: 'The output cannot be written',
    meaning: 'The kit writes each output file whole or not at all; here it could not write. Nothing half-written was left behind.',
    remedy: 'Name a folder you may write to with --out DIR, or free some space.',
  },
  E_YAML_SYNTAX: {
    title: 'A YAML file does not parse',
    meaning:
      'A broken structure, tabs as indentation, a key given twice, more than one document, a tag such as "!foo", aliases that make the file grow, blocks nested without end, or a file that is no UTF-8 text at all. The kit reads the plain YAML 1.2 core schema.',
    remedy: 'Mend the line that the message names.',
  },
};
