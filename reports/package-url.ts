import type { SubjectVerdict } from '../compliance/verdict';

type Named = Pick<SubjectVerdict, 'id' | 'revision'>;

/** Package URL of a subject, or null for what no type of the specification (package-url/purl-spec) covers. */
export function packageUrl(subject: Named): string | null {
  const { scheme, rest } = split(subject.id);
  if (scheme === 'npm') return `pkg:npm/${withVersion(rest.split('#')[0] ?? rest)}`;
  if (scheme === 'pypi') return `pkg:pypi/${withVersion(rest.toLowerCase().replaceAll('_', '-'))}`;
  const whole = (rest.split('#')[0] ?? rest).split('/');
  const part = rest.includes('#') ? `#${encodeURIComponent(rest.slice(rest.indexOf('#') + 1))}` : '';
  const version = subject.revision === null ? '' : `@${encodeURIComponent(subject.revision)}`;
  const path = (names: readonly string[]) => names.map(encodeURIComponent).join('/');
  if (scheme === 'hf' && whole.length === 3 && whole[0] === 'model') return `pkg:huggingface/${path(whole.slice(1))}${version}${part}`;
  if (scheme === 'git' && whole[0] === 'github.com' && whole.length === 3)
    return `pkg:github/${path(whole.slice(1).map((name) => name.toLowerCase()))}${version}${part}`;
  if (scheme === 'oci' && !rest.startsWith('sha256:'))
    return `pkg:oci/${encodeURIComponent((whole.at(-1) ?? '').toLowerCase())}${version}?repository_url=${encodeURIComponent(rest.toLowerCase())}`;
  return null;
}

/** Where the thing lives; an opaque name of the kit's own where it has no address. */
export function homeOf(subject: Pick<SubjectVerdict, 'id'>): string {
  const { scheme, rest } = split(subject.id);
  const whole = rest.split('#')[0] ?? rest;
  const path = whole.split('/').map(encodeURIComponent).join('/');
  if (scheme === 'hf' && whole.startsWith('model/')) return `https://huggingface.co/${path.slice('model/'.length)}`;
  if (scheme === 'hf' && whole.startsWith('dataset/')) return `https://huggingface.co/datasets/${path.slice('dataset/'.length)}`;
  if (scheme === 'git') return `https://${path}`;
  if (scheme === 'arxiv') return `https://arxiv.org/abs/${path}`;
  return `urn:onevision-kit:subject:${encodeURIComponent(subject.id)}`;
}

/** Who published it, as far as its id says; null when it does not. */
export function publisherOf(subject: Pick<SubjectVerdict, 'id'>): string | null {
  return /^hf:(?:model|dataset)\/([^/]+)\//.exec(subject.id)?.[1] ?? /^git:[^/]+\/([^/]+)\//.exec(subject.id)?.[1] ?? null;
}

function split(id: string): { readonly scheme: string; readonly rest: string } {
  const at = id.indexOf(':');
  return at < 0 ? { scheme: '', rest: id } : { scheme: id.slice(0, at), rest: id.slice(at + 1) };
}

/** `@scope/name@1.0.0` with every part percent-encoded. */
function withVersion(text: string): string {
  const at = text.lastIndexOf('@');
  const [name, version] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, ''];
  const encoded = name.split('/').map(encodeURIComponent).join('/');
  return version === '' ? encoded : `${encoded}@${encodeURIComponent(version)}`;
}
