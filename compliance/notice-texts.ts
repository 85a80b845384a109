import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../core/canonical-json';
import { fromRoot } from '../core/project-root';
import type { Verdict } from './verdict';

interface FoundText {
  readonly subject: string;
  readonly file: string;
  readonly text: string;
  readonly sha256: string;
}

const EVIDENCE = 'compliance/evidence';
/** Larger files are not licences. */
const MAX_TEXT_BYTES = 2 ** 20;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-][a-z0-9.-]+)?$/i;
/** A package of the tree by its path in the package lock; nothing above node_modules. */
const PACKAGE_PATH = / (node_modules\/(?:(?!\.\.(?:\/|$))[^\s])+)$/;

/**
 * Licence and notice texts that lie at hand for the subjects of a verdict: those kept as evidence, the kit's own, and those in the installed
 * packages that run on the operator's desk. Texts of evidence whose bytes are not those of the lock are left out.
 */
export function noticeTexts(verdict: Verdict): readonly FoundText[] {
  return verdict.subjects.flatMap((subject) => {
    const kept = subject.evidence.flatMap((claim) => {
      if (claim.channel !== 'file' || claim.sha256 === null) return [];
      const file =
        subject.kind === 'kit' || subject.id.startsWith('kit:') ? fromRoot('LICENSE') : fromRoot(EVIDENCE, `${claim.sha256}.txt`);
      const text = read(file);
      return text?.sha256 === claim.sha256 ? [{ subject: subject.id, file: claim.source, ...text }] : [];
    });
    return subject.kind === 'npm-package' && subject.role === 'operator-tool' ? [...kept, ...installed(subject)] : kept;
  });
}

function installed(subject: Verdict['subjects'][number]): FoundText[] {
  const path = subject.evidence.flatMap((claim) =>
    claim.channel === 'package-lock' ? (PACKAGE_PATH.exec(claim.source)?.[1] ?? []) : [],
  )[0];
  if (path === undefined) return [];
  const folder = fromRoot(path);
  return filesIn(folder)
    .filter((name) => LICENCE_FILE.test(name))
    .sort()
    .flatMap((name) => {
      const text = read(join(folder, name));
      return text ? [{ subject: subject.id, file: name, ...text }] : [];
    });
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): { readonly text: string; readonly sha256: string } | undefined {
  try {
    const found = lstatSync(file);
    if (!found.isFile() || found.size > MAX_TEXT_BYTES) return undefined;
    const bytes = readFileSync(file);
    return { text: bytes.toString('utf8'), sha256: sha256Hex(bytes) };
  } catch {
    return undefined;
  }
}
