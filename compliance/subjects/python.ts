import { type Subject, subject } from './subject';

/** Locks of Python packages below the folder of a recipe, and what they are to the image: what runs in it, or what only builds it. */
export const PYTHON_LOCKS = [
  { file: 'locks/image.lock.txt', role: 'runtime' },
  { file: 'locks/build.lock.txt', role: 'build-tool' },
  { file: 'locks/uv.lock.txt', role: 'build-tool' },
] as const;
type PythonRole = (typeof PYTHON_LOCKS)[number]['role'];

const PIN = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([A-Za-z0-9.!+_-]+)$/;
const SHA256 = /^sha256:[0-9a-f]{64}$/;
const HASH = /(?<=\s)--hash(?:=|\s+)(\S+)/g;
/** Where Python ends a line, and so pip: a comment or an option ends there too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they end lines for Python
const LINE_END = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

/**
 * Every package of a requirements file with hashes, as `pip-compile --generate-hashes` and `uv pip compile --generate-hashes` write it: the
 * Python runtime that goes into the image. A line that pins no version or no hash is a subject too, with that as its obstacle: nothing in the
 * file is passed over.
 */
export function pythonSubjects(text: string, file: string, recipe: string, role: PythonRole = 'runtime'): readonly Subject[] {
  const seen = new Map<string, Subject>();
  for (const { line, content } of logicalLines(text)) {
    const found = toSubject(content, { file, line, column: null }, recipe, role);
    const before = seen.get(found.id);
    // of several hashes nobody knows whether they are the same again
    const same = before === undefined || (before.integrity !== null && before.integrity === found.integrity);
    seen.set(found.id, same ? found : { ...before, integrity: null, obstacle: TWICE });
  }
  return [...seen.values()];
}

function toSubject(content: string, location: Subject['location'], recipe: string, role: PythonRole): Subject {
  const { requirement, options } = partsOf(content);
  const [, name, version] = options.replaceAll(HASH, '').trim() === '' ? (PIN.exec(requirement) ?? []) : [];
  const hashes = new Set([...options.matchAll(HASH)].map(([, hash]) => hash ?? ''));
  const [hash] = hashes;
  const hashed = hash !== undefined && [...hashes].every((each) => SHA256.test(each));
  const common = { role, kind: 'python-package', partOf: recipe, location } as const;
  if (name === undefined || version === undefined) {
    const text = content.slice(0, MAX_SHOWN).replaceAll(/\s+/g, '%20');
    const message = `"${content.slice(0, MAX_SHOWN)}" is not one package with a version and its hash, so nobody knows what will be installed.`;
    return subject({ ...common, id: `pypi:${text}`, title: content.slice(0, MAX_SHOWN), lockIds: [], obstacle: obstacle(message) });
  }
  return subject({
    ...common,
    id: pythonId(name, version),
    title: `${normalName(name)} ${version}`,
    pinned: version,
    integrity: hashed && hashes.size === 1 ? hash : null,
    obstacle: hashed
      ? severalHashes(hashes.size)
      : obstacle('the lock does not pin it by SHA-256 alone, so nobody knows which bytes will be installed.'),
  });
}

/** A line as pip reads it: what is asked for, without the marker that says where, and the options behind it. */
function partsOf(content: string): { readonly requirement: string; readonly options: string } {
  const at = content.search(/\s-/);
  const head = at < 0 ? content : content.slice(0, at);
  return { requirement: head.replace(/;.*$/, '').trim(), options: at < 0 ? '' : content.slice(at) };
}

/** Id of a Python package, whichever way its name is written. Source: PEP 503, normalized names. */
export function pythonId(name: string, version: string): string {
  return `pypi:${normalName(name)}@${version}`;
}

function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

const MAX_SHOWN = 80;

function obstacle(message: string): NonNullable<Subject['obstacle']> {
  return { rule: 'OVK-EVD-006', state: 'unknown', message, closes: 'write the lock with hashes, e.g. `uv pip compile --generate-hashes`.' };
}

/** `uv pip compile` lists every file of a version, also for other platforms; pip takes any of them, and somebody looked at one. */
function severalHashes(count: number): Subject['obstacle'] {
  if (count === 1) return null;
  const message = `the lock pins ${count} files for it, of which any may be installed, so nobody knows which bytes will be.`;
  return { ...obstacle(message), closes: 'leave the hash of the one file that is installed: `node dist/scripts/dev/pin-python.js`.' };
}

const TWICE = obstacle('the lock pins it twice, each time to other bytes, so nobody knows which will be installed.');

/** Lines joined at a backslash, without comments, options of the whole file and empty ones. */
function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  let open: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split(LINE_END).entries()) {
    const coded = index < 2 && FOREIGN_ENCODING.test(raw);
    const piece = coded ? raw : raw.replace(/(^|\s)#.*$/, '');
    // a backslash with a space behind it continues nothing
    const continued = piece.endsWith('\\');
    const content = (continued ? piece.slice(0, -1) : piece).trim();
    open = open ? { ...open, content: `${open.content} ${content}` } : { line: index + 1, content };
    if (continued) continue;
    if (open.content.trim() !== '') lines.push({ line: open.line, content: open.content.trim() });
    open = undefined;
  }
  if (open && open.content.trim() !== '') lines.push({ line: open.line, content: open.content.trim() });
  return lines.filter(({ content }) => !OPTION.test(content));
}

/** Options of the whole file; none of them changes which bytes have a hash. With anything behind its one value a line is no option. */
const OPTION =
  /^(?:--pre|--prefer-binary|--require-hashes)$|^(?:-i|-f|--index-url|--extra-index-url|--find-links|--only-binary|--no-binary|--trusted-host)(?:\s+|=)\S+$/;

/** pip reads the file in the encoding that a comment at its head names, in which a comment may hold the end of a line. */
const FOREIGN_ENCODING = /^#.*coding[:=]\s*(?!utf-?8\s*$)[-\w.]/i;
