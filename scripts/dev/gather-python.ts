import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { canonicalExpression } from '../../compliance/expression/evaluate';
import type { LockSubject } from '../../compliance/lock-schema';
import { pythonId } from '../../compliance/subjects/python';
import { canonicalJson, sha256Hex } from '../../core/canonical-json';

const reportSchema = z.looseObject({
  install: z.array(
    z.looseObject({
      metadata: z.looseObject({
        name: z.string(),
        version: z.string(),
        license_expression: z.string().optional(),
        license: z.string().optional(),
        classifier: z.array(z.string()).default([]),
      }),
      download_info: z.looseObject({ url: z.string(), archive_info: z.looseObject({ hashes: z.looseObject({ sha256: z.string() }) }) }),
    }),
  ),
});
type Metadata = z.output<typeof reportSchema>['install'][number]['metadata'];

/**
 * Reads the core metadata of Python packages at the package index, by pip and without their wheels (`--dry-run --report`), for the wheels that
 * this machine's Python 3.11 on x86-64 Linux would install, which is what the image has.
 *
 * @param requirements  `name==version` of each
 * @param hashes  every hash that the lock of the image lists: a wheel that is not among them is refused
 */
export function gatherPython(requirements: readonly string[], hashes: ReadonlySet<string>, now: string): readonly LockSubject[] {
  if (requirements.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-python-'));
  try {
    const [list, report] = [join(folder, 'requirements.txt'), join(folder, 'report.json')];
    writeFileSync(list, requirements.join('\n'));
    const quiet = ['install', '--quiet', '--dry-run', '--ignore-installed', '--no-deps', '--only-binary=:all:'];
    execFileSync('pip', [...quiet, '--report', report, '-r', list], { stdio: 'inherit' });
    const { install } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    return install.map(({ metadata, download_info }) => {
      const wheel = basename(new URL(download_info.url).pathname);
      const hash = download_info.archive_info.hashes.sha256;
      if (!hashes.has(hash)) throw new Error(`the index offers ${wheel} with ${hash}, which the lock does not list`);
      return subjectOf(metadata, wheel, hash, now);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function subjectOf(metadata: Metadata, wheel: string, hash: string, now: string): LockSubject {
  const id = pythonId(metadata.name, metadata.version);
  const { says, field } = licenceOf(metadata);
  return {
    id,
    source: `${wheel} on PyPI`,
    requested: id,
    resolved: id,
    revision: metadata.version,
    publishers: [],
    retrieved: now,
    retrieval: { status: 'retrieved', http: null, reason: null },
    addressing: 'content',
    gated: false,
    private: false,
    disabled: false,
    presence: { present: true, because: 'the index lists the wheel with a hash that the lock of the image has' },
    claims: [
      {
        channel: 'wheel-metadata',
        says,
        source: `METADATA of ${wheel}, ${field}`,
        retrieved: now,
        sha256: sha256Hex(canonicalJson(metadata)),
        note: 'sha256 over the canonical JSON of the metadata as pip reports it; the wheel itself was not read',
      },
    ],
    files: [{ path: wheel, bytes: null, sha256: hash }],
  };
}

/** Classifiers of PyPI that mean exactly one licence; "BSD License" and "Apache Software License" name no version. */
const CLASSIFIERS: Readonly<Record<string, string>> = {
  'License :: OSI Approved :: MIT License': 'MIT',
  'License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)': 'MPL-2.0',
  'License :: OSI Approved :: ISC License (ISCL)': 'ISC',
  'License :: OSI Approved :: The Unlicense (Unlicense)': 'Unlicense',
};
const MAX_WORDS = 120;

/** License-Expression, else License where it is an expression, else the one classifier that names one licence, else the words as they stand. */
function licenceOf(metadata: Metadata): { readonly says: string | null; readonly field: string } {
  if (metadata.license_expression) return { says: metadata.license_expression, field: 'License-Expression' };
  const words = metadata.license?.trim().split('\n')[0]?.trim().slice(0, MAX_WORDS) ?? '';
  if (words !== '' && canonicalExpression(words) !== null) return { says: words, field: 'License' };
  const named = metadata.classifier.filter((line) => line.startsWith('License :: '));
  const licence = named.length === 1 ? CLASSIFIERS[named[0] ?? ''] : undefined;
  if (licence !== undefined) return { says: licence, field: `Classifier "${named[0]}"` };
  if (words !== '') return { says: words, field: 'License' };
  return named.length > 0 ? { says: named.join('; '), field: 'Classifier' } : { says: null, field: 'no field of licence' };
}
