import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { findEngine, findModel } from '../catalog/find';
import type { Catalog, Engine, Model } from '../catalog/schema';
import { digestOf, sha256Hex } from '../core/canonical-json';
import { KitError } from '../core/error';
import { fromRoot, kitVersion } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import type { LoadedRelease } from '../release/load';
import { effectivePolicy, waiverFiles } from './effective-policy';
import { type JudgeInputs, judge } from './judge';
import { type LoadedLock, loadLock } from './lock';
import { loadPackageTexts, withPackageTexts } from './package-texts/record';
import { CHART_FILE, CHART_ID, chartSubjects, SUBCHARTS_FOLDER } from './subjects/charts';
import { imageSubject, proxyImageSubjects } from './subjects/image';
import { type KitFacts, kitSubject, withKitFacts } from './subjects/kit';
import { lineageOf, strayIds } from './subjects/lineage';
import { type PackageLock, readPackageLock } from './subjects/npm';
import { type OwnManifest, readOwnManifest, refusePartialLock } from './subjects/npm-whole';
import { providerSubjects } from './subjects/providers';
import { PYTHON_LOCKS, pythonSubjects } from './subjects/python';
import type { Subject } from './subjects/subject';
import { toolSubjects } from './subjects/tools';
import type { Verdict } from './verdict';
import { loadWaivers } from './waiver';

const PACKAGE_LOCK = 'package-lock.json';
const SHRINKWRAP = 'npm-shrinkwrap.json';
const EVIDENCE = 'compliance/evidence';

/**
 * Judges licences and availability of everything that ships or builds, offline, from the evidence lock of the release.
 *
 * @param at  the clock: what has run out by then no longer counts
 * @throws KitError for a missing or broken policy, lock, waiver file or package lock, and for a lock of another release
 */
export function checkRelease(loaded: LoadedRelease, catalog: Catalog, at: Date): Verdict {
  return judge(gatherInputs(loaded, catalog), at);
}

/** Reads what a verdict depends on. The only part of the room that touches files. */
export function gatherInputs(loaded: LoadedRelease, catalog: Catalog): JudgeInputs {
  const { release } = loaded;
  const { model } = findModel(catalog, release.model.id);
  const engine = findEngine(catalog, release.engine.name);
  const policy = effectivePolicy(loaded);
  const lock = loadLock(release.compliance.lock);
  if (lock.lock.model.id !== model.id) {
    throw new KitError({
      code: 'E_LOCK_OTHER_RELEASE',
      message: `the lock ${lock.file} belongs to ${lock.lock.model.id}, the release names ${release.model.id}.`,
      location: { file: lock.file, line: 1, column: 1 },
      next: 'name the lock of this model under compliance.lock.',
    });
  }
  const { packageLock, manifest } = readPackages();
  const packageTexts = loadPackageTexts();
  const lineage = lineageOf(loaded, model, engine, policy);
  const { facts, text } = kitFacts(manifest.license, engine);
  const subjects: Subject[] = [
    ...lineage.subjects.map((subject) => withKitFacts(subject, facts)),
    imageSubject(
      loaded,
      engine.artifacts.map((artifact) => artifact.id),
    ),
    ...proxyImageSubjects(loaded),
    ...pythonPackages(engine),
    ...charts(release).map((subject) => withKitFacts(subject, facts)),
    ...toolSubjects(lock.file),
    ...providerSubjects(packageLock.subjects, release.placement.target),
    kitSubject(facts),
    ...withPackageTexts(packageLock.subjects, packageTexts.record),
  ];
  return {
    release,
    releaseFile: loaded.file,
    policy,
    lock,
    packageLockDigest: packageLock.digest,
    packageTextsDigest: packageTexts.digest,
    waiverFiles: waiverFiles(release).map(loadWaivers),
    evidence: readEvidence(lock, text),
    subjects: firstOfEach(subjects),
    beyond: lineage.beyond,
    absent: lineage.absent,
    stray: strayIds([...lock.subjects.keys()], model, engine),
    weightsSha256: weightsSha256(model, release.model.precision),
    catalogDigest: digestOf({ model, engine }),
    kitVersion: kitVersion(),
  };
}

/** What npm installs, by its lock, and what package.json asks it for. */
function readPackages(): { readonly packageLock: PackageLock; readonly manifest: OwnManifest } {
  if (existsSync(fromRoot(SHRINKWRAP))) {
    throw new KitError({
      code: 'E_PACKAGE_LOCK_INVALID',
      message: `npm installs what ${SHRINKWRAP} says and does not look at ${PACKAGE_LOCK}, which is what is judged.`,
      location: { file: SHRINKWRAP },
      next: `remove ${SHRINKWRAP}.`,
    });
  }
  const packageLock = readPackageLock(readTextFile(fromRoot(PACKAGE_LOCK), PACKAGE_LOCK, 'run `npm install`.'), PACKAGE_LOCK);
  const manifest = readOwnManifest(readTextFile(fromRoot('package.json'), 'package.json', 'restore it from git.'));
  refusePartialLock(packageLock, manifest, PACKAGE_LOCK);
  return { packageLock, manifest };
}

/** Files of a recipe; a README alone is a note that there is none. */
const RECIPE_FILES = ['Dockerfile', 'Containerfile', 'pyproject.toml'];

function kitFacts(licence: unknown, engine: Engine): { readonly facts: KitFacts; readonly text: Uint8Array | null } {
  const file = fromRoot('LICENSE');
  const text = existsSync(file) ? readFileSync(file) : null;
  const recipes = recipeFolders(engine).filter((folder) => {
    const path = fromRoot(folder);
    return existsSync(path) && readdirSync(path).some((name) => RECIPE_FILES.includes(name));
  });
  const chart = CHART_ID.slice(KIT.length);
  return { facts: { licence, licenceText: text && sha256Hex(text), version: kitVersion(), recipes: [...recipes, chart] }, text };
}

const KIT = 'kit:';

function recipeFolders(engine: Engine): readonly string[] {
  return engine.artifacts.filter((artifact) => artifact.id.startsWith(KIT)).map((artifact) => artifact.id.slice(KIT.length));
}

/** The kit's chart with what is installed along with it. */
function charts({ placement }: LoadedRelease['release']): readonly Subject[] {
  const folder = fromRoot(SUBCHARTS_FOLDER);
  const subcharts = existsSync(folder) ? readdirSync(folder).sort() : [];
  return chartSubjects(readTextFile(fromRoot(CHART_FILE), CHART_FILE, 'restore it from git.'), placement, subcharts);
}

/** What Python packages go into the image and build it; nothing where its recipe has no lock. */
function pythonPackages(engine: Engine): readonly Subject[] {
  const first = new Map<string, Subject>();
  for (const folder of recipeFolders(engine)) {
    for (const { file: name, role } of PYTHON_LOCKS) {
      const file = `${folder}/${name}`;
      if (!existsSync(fromRoot(file))) continue;
      for (const subject of pythonSubjects(readTextFile(fromRoot(file), file, 'restore it from git.'), file, `${KIT}${folder}`, role)) {
        const before = first.get(subject.id);
        // The same version by other bytes is another subject, also where a first lock has one of that name.
        const id = before === undefined || before.integrity === subject.integrity ? subject.id : `${subject.id}#${name}`;
        if (!first.has(id)) first.set(id, { ...subject, id });
      }
    }
  }
  return [...first.values()];
}

/** A thing that plays two roles is judged in the first, which is the one nearer to what is released. */
export function firstOfEach(subjects: readonly Subject[]): readonly Subject[] {
  const first = new Map<string, Subject>();
  for (const subject of subjects) {
    // What the package lock installs is judged by its own bytes, also when an artifact of the release has the same name and version.
    const installed = subject.kind === 'npm-package' && first.get(subject.id)?.kind !== subject.kind;
    const id = installed && first.has(subject.id) ? `${subject.id}#package-lock` : subject.id;
    if (!first.has(id)) first.set(id, { ...subject, id });
  }
  return [...first.values()];
}

function readEvidence(lock: LoadedLock, kitLicence: Uint8Array | null): ReadonlyMap<string, Uint8Array> {
  const evidence = new Map<string, Uint8Array>();
  if (kitLicence) evidence.set(sha256Hex(kitLicence), kitLicence);
  for (const subject of lock.lock.subjects) {
    for (const claim of subject.claims) {
      if (claim.channel !== 'file' || claim.sha256 === null) continue;
      const path = fromRoot(EVIDENCE, `${claim.sha256}.txt`);
      if (existsSync(path)) evidence.set(claim.sha256, readFileSync(path));
    }
  }
  return evidence;
}

function weightsSha256(model: Model, precision: string): string | null {
  return model.weights.find((weights) => weights.precision === precision)?.sha256 ?? null;
}
