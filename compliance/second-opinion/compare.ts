import { canonicalExpression } from '../expression/evaluate';
import type { Verdict } from '../verdict';
import type { SeenPackage } from './run-license-checker';

/** Where the two lists of npm packages agree, and where they do not. Outside of the verdict: it changes neither state nor bytes of it. */
export interface SecondOpinion {
  readonly kind: 'second-opinion';
  readonly schemaVersion: 1;
  readonly tool: string;
  /** Packages of the package lock, each name and version once. */
  readonly expected: number;
  readonly seen: number;
  readonly agree: number;
  readonly differ: readonly { readonly id: string; readonly verdict: string | null; readonly tool: string }[];
  /** Installed, but not in the lock: nobody judged them. */
  readonly foreign: readonly string[];
  /** In the lock, but not seen: other platforms' packages, and what the tool overlooks (a second copy below a package that it has visited). */
  readonly notSeen: readonly string[];
}

/** Compares what the tool saw with what was judged. */
export function compareOpinions(verdict: Verdict, seen: readonly SeenPackage[], tool: string): SecondOpinion {
  const judged = new Map<string, string | null>();
  for (const subject of verdict.subjects) if (subject.kind === 'npm-package') judged.set(subject.title, subject.licence);
  const ids = new Set(seen.map((each) => each.id));
  const known = seen.filter((each) => judged.has(each.id));
  const differ = known
    .filter((each) => !same(judged.get(each.id) ?? null, each.licences))
    .map((each) => ({ id: each.id, verdict: judged.get(each.id) ?? null, tool: each.licences }));
  return {
    kind: 'second-opinion',
    schemaVersion: 1,
    tool,
    expected: judged.size,
    seen: ids.size,
    agree: known.length - differ.length,
    differ,
    foreign: [...ids].filter((id) => !judged.has(id)).sort(),
    notSeen: [...judged.keys()].filter((id) => !ids.has(id)).sort(),
  };
}

function same(verdict: string | null, tool: string): boolean {
  if (verdict === null) return tool === 'UNKNOWN';
  return verdict === tool || verdict === canonicalExpression(tool);
}
