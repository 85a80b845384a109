import { readFileSync } from 'node:fs';
import { loadLock } from '../../compliance/lock';
import { PYTHON_LOCKS, pythonId } from '../../compliance/subjects/python';
import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';

/*
 * Leaves in the Python locks of the image, for each package, the hash of the one wheel that the evidence lock is of:
 * `npm run build && node dist/scripts/dev/pin-python.js`. uv lists every file of a version, also for other platforms, and pip would take any.
 * Run it after `locks/renew.sh` and `node dist/scripts/dev/assemble-lock.js --add-missing`; it writes nothing when a package has no evidence.
 */
const RECIPE = 'runtimes/vllm-onevision';
const EVIDENCE_LOCK = 'compliance.lock.json';
const HASH_LINE = /^ {4}--hash=sha256:([0-9a-f]{64})(?: \\)?$/;
const PIN_LINE = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+) \\$/;

function main(): void {
  const { lock } = loadLock(EVIDENCE_LOCK);
  const known = new Map(lock.subjects.map((subject) => [subject.id, new Set(subject.files.map((file) => file.sha256))]));
  for (const { file } of PYTHON_LOCKS) pin(`${RECIPE}/${file}`, known);
}

function pin(file: string, known: ReadonlyMap<string, ReadonlySet<string>>): void {
  let hashes: ReadonlySet<string> = new Set();
  let pinned = 0;
  const kept: string[] = [];
  let packages = 0;
  for (const line of readFileSync(fromRoot(file), 'utf8').split('\n')) {
    const [, name, version] = PIN_LINE.exec(line) ?? [];
    const [, hash] = HASH_LINE.exec(line) ?? [];
    if (name !== undefined && version !== undefined) {
      packages += 1;
      hashes = known.get(pythonId(name, version)) ?? new Set();
    }
    if (hash === undefined) kept.push(line);
    else if (hashes.has(hash)) {
      kept.push(`    --hash=sha256:${hash}`);
      pinned += 1;
    }
  }
  if (pinned !== packages) throw new Error(`${file}: ${packages} packages, and evidence of ${pinned} of their files`);
  writeFileAtomically(fromRoot(file), kept.join('\n'));
  process.stdout.write(`${file}: ${pinned} packages, each by the hash of its wheel\n`);
}

main();
