import { readFileSync } from 'node:fs';
import { findEngine, findModel } from '../../catalog/find';
import { loadCatalog } from '../../catalog/load';
import type { Catalog } from '../../catalog/schema';
import { gatherInputs } from '../../compliance/check-release';
import { loadLock } from '../../compliance/lock';
import { loadDocumented, withDocumented } from '../../compliance/lock-documented';
import { type EvidenceLock, EvidenceLockSchema, type LockSubject } from '../../compliance/lock-schema';
import { PYTHON_LOCKS } from '../../compliance/subjects/python';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import { gatherEvidence } from './gather-evidence';
import { gatherPython } from './gather-python';

/*
 * Writes the evidence locks of the root release and of the examples: `npm run build && node dist/scripts/dev/assemble-lock.js [CACHE]`,
 * or with --add-missing keeps what they hold and adds the subjects that they do not know yet.
 * What package registries serve is downloaded and read; what lies on hosts that the gathering machine does not reach becomes "unavailable",
 * with the claims of compliance/documented-claims.yaml as such.
 */
const RELEASES = [
  'release.yaml',
  'examples/karpenter.yaml',
  'examples/llava-onevision-1.5-8b.yaml',
  'examples/qwen3-vl-cpu.yaml',
  'examples/refused.yaml',
  'examples/smollm2-cpu.yaml',
];
type Documented = ReturnType<typeof loadDocumented>;
const NOT_REACHABLE = 'not reachable from the machine that gathered: it reaches package registries only';
const PYTHON_RECIPE = 'runtimes/vllm-onevision';
const DEFAULT_CACHE = 'node_modules/.cache/onevision-kit/evidence';
function main(): void {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const documented = loadDocumented();
  if (process.argv[2] === '--add-missing') {
    addMissing(documented, now);
    return;
  }
  const { subjects, texts } = gatherEvidence(process.argv[2] ?? fromRoot(DEFAULT_CACHE), now);
  for (const text of texts) writeFileAtomically(fromRoot('compliance/evidence', `${sha256Hex(text)}.txt`), text);
  const gathered = new Map(subjects.map((subject) => [subject.id, subject]));
  const catalog = loadCatalog();
  for (const file of RELEASES) {
    const { release } = loadRelease(fromRoot(file));
    write(release.compliance.lock, assemble(catalog, file, release.model, release.engine.name, gathered, documented, now));
  }
}

/** Subjects that came with a change of the kit; what was read before keeps its time. */
function addMissing(documented: Documented, now: string): void {
  for (const file of RELEASES) {
    const { release } = loadRelease(fromRoot(file));
    const { lock } = loadLock(release.compliance.lock);
    const known = new Set(lock.subjects.map((subject) => subject.id));
    const engine = findEngine(loadCatalog(), release.engine.name).artifacts.map(({ id }) => id);
    const missing = [...engine.filter((id) => !id.startsWith('kit:')), ...new Set(otherIds(file))].filter((id) => !known.has(id));
    const python = pythonEvidence(missing, now);
    const added = missing.map((id) => python.get(id) ?? withDocumented(unavailable(id, now), documented.get(id)));
    const subjects = [...lock.subjects, ...added].sort((a, b) => (a.id < b.id ? -1 : 1));
    write(release.compliance.lock, { ...lock, subjects });
  }
}

function write(file: string, lock: EvidenceLock): void {
  writeFileAtomically(fromRoot(file), `${JSON.stringify(EvidenceLockSchema.parse(lock), null, 2)}\n`);
  const count = lock.subjects.filter((subject) => subject.retrieval.status === 'retrieved').length;
  process.stdout.write(`${file}: ${lock.subjects.length} subjects, ${count} retrieved\n`);
}

/** Evidence of Python packages is read once for all locks of a run. */
const pythonCache = new Map<string, LockSubject>();

function pythonEvidence(ids: readonly string[], now: string): ReadonlyMap<string, LockSubject> {
  const wanted = ids.filter((id) => id.startsWith('pypi:') && !pythonCache.has(id));
  const hashes = new Set(
    PYTHON_LOCKS.flatMap(({ file }) =>
      [...readFileSync(fromRoot(PYTHON_RECIPE, file), 'utf8').matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash ?? ''),
    ),
  );
  const requirements = wanted.map((id) => id.slice('pypi:'.length).replace('@', '=='));
  for (const subject of gatherPython(requirements, hashes, now)) pythonCache.set(subject.id, subject);
  return pythonCache;
}

/** What is judged beside the lineage: tools, providers, charts, Python packages. */
function otherIds(file: string): readonly string[] {
  const { subjects } = gatherInputs(loadRelease(fromRoot(file)), loadCatalog());
  return subjects
    .filter((subject) => OTHER_KINDS.includes(subject.kind) && subject.lockIds.length > 0 && !/^oci:sha256:/.test(subject.id))
    .map((subject) => subject.lockIds[0] ?? subject.id);
}
const OTHER_KINDS = ['tool', 'terraform-provider', 'chart', 'python-package', 'image'];

function assemble(
  catalog: Catalog,
  file: string,
  pinned: { readonly id: string; readonly revision: string },
  engineName: string,
  gathered: ReadonlyMap<string, LockSubject>,
  documented: Documented,
  now: string,
): EvidenceLock {
  const { model } = findModel(catalog, pinned.id);
  const ids = [...[...model.artifacts, ...findEngine(catalog, engineName).artifacts].map(({ id }) => id), ...otherIds(file)].filter(
    (id) => !id.startsWith('kit:'),
  );
  const python = pythonEvidence(
    ids.filter((id) => !gathered.has(id)),
    now,
  );
  const subjects = [...new Set(ids)].sort().flatMap((id) => {
    const real = gathered.get(id) ?? python.get(id);
    if (real) return [real];
    // A part of something that was read has nothing of its own: it is judged by the whole.
    if (gathered.has(id.split('#')[0] ?? id)) return [];
    return [withDocumented(unavailable(id, now), documented.get(id))];
  });
  return {
    kind: 'evidence-lock',
    schemaVersion: 1,
    model: { id: model.id, revision: pinned.revision },
    gathered: now,
    gatheredBy: 'scripts/dev/assemble-lock.ts',
    subjects,
  };
}

function unavailable(id: string, now: string): LockSubject {
  return {
    id,
    source: sourceOf(id),
    requested: id,
    resolved: null,
    revision: null,
    publishers: [],
    retrieved: now,
    retrieval: { status: 'unavailable', http: null, reason: NOT_REACHABLE },
    addressing: 'live',
    gated: null,
    private: null,
    disabled: null,
    presence: { present: null, because: NOT_REACHABLE },
    claims: [],
    files: [],
  };
}

function sourceOf(id: string): string {
  const [scheme = '', rest = ''] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1).split('#')[0]];
  if (scheme === 'hf') return `https://huggingface.co/${rest.replace(/^model\//, '').replace(/^dataset\//, 'datasets/')}`;
  if (scheme === 'git' || scheme === 'oci') return `https://${rest}`;
  if (scheme === 'arxiv') return `https://arxiv.org/abs/${rest}`;
  return id;
}

main();
