import { type Subject, subject } from './subject';

/** Lock of the image's Python runtime, below the folder of its recipe. */
export const PYTHON_LOCK = 'locks/image.lock.txt';

const PIN = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([A-Za-z0-9.!+_-]+)$/;
const HASH = /--hash=sha256:([0-9a-f]{64})\b/g;

/**
 * Every package of a requirements file with hashes, as `pip-compile --generate-hashes` and `uv pip compile --generate-hashes` write it: the
 * Python runtime that goes into the image. A line that pins no version or no hash is a subject too, with that as its obstacle: nothing in the
 * file is passed over.
 */
export function pythonSubjects(text: string, file: string, recipe: string): readonly Subject[] {
  const seen = new Map<string, Subject>();
  for (const { line, content } of logicalLines(text)) {
    const found = toSubject(content, { file, line, column: null }, recipe);
    if (!seen.has(found.id)) seen.set(found.id, found);
  }
  return [...seen.values()];
}

function toSubject(content: string, location: Subject['location'], recipe: string): Subject {
  const [requirement = ''] = content.split(/\s+(?:;|--hash=|\\|#)|;/);
  const [, name, version] = PIN.exec(requirement.trim()) ?? [];
  const hashes = [...content.matchAll(HASH)].map(([, hash]) => hash ?? '');
  const common = { role: 'runtime', kind: 'python-package', partOf: recipe, location } as const;
  if (name === undefined || version === undefined) {
    const text = content.slice(0, MAX_SHOWN).replaceAll(/\s+/g, '%20');
    const message = `"${content.slice(0, MAX_SHOWN)}" pins no version, so nobody knows what will be installed.`;
    return subject({ ...common, id: `pypi:${text}`, title: content.slice(0, MAX_SHOWN), lockIds: [], obstacle: obstacle(message) });
  }
  const normal = name.toLowerCase().replaceAll(/[-_.]+/g, '-');
  return subject({
    ...common,
    id: `pypi:${normal}@${version}`,
    title: `${normal} ${version}`,
    pinned: version,
    integrity: hashes.length === 1 ? `sha256:${hashes[0]}` : null,
    obstacle: hashes.length === 0 ? obstacle('the lock pins no hash for it, so nobody knows which bytes will be installed.') : null,
  });
}

const MAX_SHOWN = 80;

function obstacle(message: string): NonNullable<Subject['obstacle']> {
  return { rule: 'OVK-EVD-006', state: 'unknown', message, closes: 'write the lock with hashes, e.g. `uv pip compile --generate-hashes`.' };
}

/** Lines joined at a backslash, without comments, options of the whole file and empty ones. */
function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  let open: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const piece = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    const continued = piece.endsWith('\\');
    const content = (continued ? piece.slice(0, -1) : piece).trim();
    open = open ? { ...open, content: `${open.content} ${content}` } : { line: index + 1, content };
    if (continued) continue;
    if (open.content.trim() !== '') lines.push({ line: open.line, content: open.content.trim() });
    open = undefined;
  }
  if (open && open.content.trim() !== '') lines.push({ line: open.line, content: open.content.trim() });
  return lines.filter(
    ({ content }) =>
      !/^(?:-i|-f|--index-url|--extra-index-url|--find-links|--only-binary|--no-binary|--trusted-host|--pre|--prefer-binary|--require-hashes)(?:\s|=|$)/.test(
        content,
      ),
  );
}
