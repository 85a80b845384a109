import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { canonicalJson } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { validateDocument } from '../../core/validate';
import { parseYamlDocument } from '../../core/yaml-document';
import { type Release, ReleaseSchema } from '../../release/schema';

export interface PushedImage {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** Registry and repository, without tag. */
  readonly repository: string;
}

/**
 * The text of a release file with the image under engine.image: its two entries become `digest` and `repository`, and every other byte
 * stays as it is, comments and line ends included. The result is read again and must be the same release but for the image.
 * @param file  name for messages
 * @throws KitError E_RELEASE_EDIT when the block is written in a way that cannot be edited so
 */
export function withImage(text: string, image: PushedImage, file: string): string {
  const edited = edit(text, image, file);
  const before = read(text, file);
  const wanted = canonicalJson({ ...before, engine: { ...before.engine, image } });
  let found: string;
  try {
    found = canonicalJson(read(edited, file));
  } catch (cause) {
    throw cannotEdit(file, 'the file would no longer be a release', cause);
  }
  if (found !== wanted) throw cannotEdit(file, 'more than the image would change');
  return edited;
}

function read(text: string, file: string): Release {
  return validateDocument(parseYamlDocument(text, file), ReleaseSchema, 'E_RELEASE_EDIT', 'mend the release file first.');
}

/** Edits from the end of the text to its beginning, so that offsets stay right. */
function edit(text: string, { digest, repository }: PushedImage, file: string): string {
  const block = imageBlock(text, file);
  const entries = [`digest: ${digest}`, `repository: ${repository}`];
  const pairs = block.items.map((pair) => rangeOf(pair, file));
  const [first, second] = pairs;
  if (first === undefined || pairs.length > entries.length) throw cannotEdit(file, `engine.image has ${pairs.length} entries`);
  // in the order in which they stand: a digest goes where a digest or the state was
  const digestFirst = second === undefined || !['digest', 'state'].includes(second.key);
  const ordered = digestFirst ? entries : [...entries].reverse();
  const added = second === undefined ? `${separator(text, block, first.start)}${ordered[1]}` : '';
  let result = text;
  if (second) result = `${result.slice(0, second.start)}${ordered[1]}${result.slice(second.end)}`;
  return `${result.slice(0, first.start)}${ordered[0]}${added}${result.slice(first.end)}`;
}

/** What stands between two entries of the block: a new line as deep as the first one, or a comma inside braces. */
function separator(text: string, block: YAMLMap, firstStart: number): string {
  if (block.flow) return ', ';
  const lineStart = text.lastIndexOf('\n', firstStart - 1) + 1;
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  return `${newLine}${' '.repeat(firstStart - lineStart)}`;
}

function imageBlock(text: string, file: string): YAMLMap {
  const node = parseDocument(text, { keepSourceTokens: true }).getIn(['engine', 'image'], true);
  if (isMap(node)) return node;
  throw cannotEdit(file, 'engine.image is not a block of keys');
}

function rangeOf(pair: Pair, file: string): { readonly key: string; readonly start: number; readonly end: number } {
  const { key, value } = pair;
  if (!isScalar(key) || !isScalar(value) || !key.range || !value.range)
    throw cannotEdit(file, 'an entry of engine.image is not a plain value');
  return { key: String(key.value), start: key.range[0], end: value.range[1] };
}

function cannotEdit(file: string, why: string, cause?: unknown): KitError {
  return new KitError(
    {
      code: 'E_RELEASE_EDIT',
      message: `the digest cannot be written into the file: ${why}.`,
      location: { file },
      next: 'write "digest: sha256:…" and "repository: …" under engine.image by hand.',
    },
    { cause },
  );
}
