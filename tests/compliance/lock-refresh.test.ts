import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { driftOf } from '../../compliance/drift/drift';
import { describeChange, diffLocks } from '../../compliance/drift/semantic-diff';
import { loadLock } from '../../compliance/lock';
import { type EvidenceLock, EvidenceLockSchema, type LockSubject } from '../../compliance/lock-schema';
import { openPartial } from '../../compliance/refresh/partial';
import { type FinishedTask, refreshLock } from '../../compliance/refresh/refresh-lock';
import { readingTasks } from '../../compliance/refresh/subject-ids';
import { type Transport, TransportError } from '../../compliance/transport/http';
import { replaying } from '../../compliance/transport/recording';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import { broken, type Exchange, get, githubExchanges, hubExchanges, writeRecording } from './recordings';
import { type Mutable, subjectOf } from './support';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-lock-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const replay = (exchanges: readonly Exchange[]) => replaying(writeRecording(join(scratch, String(folders++)), exchanges));

const { release } = loadRelease(fromRoot('release.yaml'));
const committed = loadLock(release.compliance.lock).lock;
const catalog = loadCatalog();
const NOW = new Date('2026-11-23T12:00:00Z');
const WEIGHTS = `hf:model/${release.model.id}`;
const SHA = release.model.revision;
const model = {
  name: release.model.id,
  sha: SHA,
  license: 'apache-2.0',
  texts: { 'README.md': '---\nlicense: apache-2.0\n---\n' },
  lfs: { 'model.safetensors': [9, '1'.repeat(64)] as const },
};
const offline: Transport = async ({ url }) => {
  throw new TransportError('network', url, 'no network');
};

async function refreshed(
  transport: Transport,
  old: EvidenceLock | null = committed,
  finished = new Map<string, FinishedTask>(),
  signal = new AbortController().signal,
) {
  const seen: FinishedTask[] = [];
  const result = await refreshLock({
    release,
    catalog,
    old,
    transport,
    now: () => NOW,
    signal,
    finished,
    onTask: (task) => void seen.push(task),
  });
  EvidenceLockSchema.parse(result.lock);
  return { ...result, seen };
}

describe('a refresh', () => {
  it('reads what answers, and says of the rest why not', async () => {
    const { lock, tasks } = await refreshed(replay(hubExchanges({ ...model, pinned: true })));
    expect(subjectOf(lock, WEIGHTS)).toMatchObject({
      revision: SHA,
      retrieval: { status: 'retrieved' },
      retrieved: '2026-11-23T12:00:00Z',
    });
    expect(tasks.find((task) => task.key === WEIGHTS)?.outcome).toBe('read');
    expect(diffLocks(committed, lock).map(({ kind, subject }) => [kind, subject])).toContainEqual(['appeared', WEIGHTS]);
    for (const task of tasks.filter(({ outcome }) => outcome === 'unavailable')) expect(task.reason).toMatch(/^not-recorded: /);
  });

  it('without network loses no evidence, and keeps what documents say of the rest', async () => {
    const { lock, tasks } = await refreshed(offline);
    const retrieved = (of: EvidenceLock) => of.subjects.filter((subject) => subject.retrieval.status === 'retrieved');
    expect(retrieved(lock)).toEqual(retrieved(committed));
    expect(subjectOf(lock, WEIGHTS)).toMatchObject({
      retrieval: { reason: 'network: no network' },
      claims: [{ channel: 'documented', says: 'apache-2.0' }],
    });
    expect(tasks.some((task) => task.outcome === 'read')).toBe(false);
    expect(lock.subjects.map(({ id }) => id)).toEqual(expect.arrayContaining(committed.subjects.map(({ id }) => id)));
  });

  it('keeps older evidence over a passing failure, and not over a definite one', async () => {
    const { lock } = await refreshed(replay(hubExchanges({ ...model, pinned: true })));
    const api = `https://huggingface.co/api/models/${model.name}/revision/${SHA}`;
    const passing = await refreshed(replay([broken(api)]), lock);
    expect(subjectOf(passing.lock, WEIGHTS)).toEqual(subjectOf(lock, WEIGHTS));
    expect(passing.tasks.find((task) => task.key === WEIGHTS)?.outcome).toBe('kept');
    const gone = await refreshed(replay([get(api, { status: 401, headers: { 'x-error-code': 'RepoNotFound' } })]), lock);
    expect(subjectOf(gone.lock, WEIGHTS)).toMatchObject({ gated: null, retrieval: { status: 'unavailable', http: 401 } });
    expect(diffLocks(lock, gone.lock)[0]).toMatchObject({ kind: 'vanished', subject: WEIGHTS });
  });

  it('makes a lock where there was none, with every subject of the lineage', async () => {
    const { lock } = await refreshed(offline, null);
    expect(lock.subjects.length).toBe(readingTasks(release, catalog, null).flatMap(({ ids }) => ids).length);
    expect(lock.subjects.every((subject) => subject.retrieval.status === 'unavailable')).toBe(true);
  });

  it('goes on where an interrupted run stopped', async () => {
    const file = join(scratch, 'lock.json.partial');
    const key = `${release.model.id}@${SHA}`;
    const notes = openPartial(file, key, NOW);
    const abort = new AbortController();
    const stopping: Transport = async (request) => {
      abort.abort(new Error('interrupted'));
      return replay(hubExchanges({ ...model, pinned: true }))(request);
    };
    await expect(
      refreshLock({
        release,
        catalog,
        old: null,
        transport: stopping,
        now: () => NOW,
        signal: abort.signal,
        finished: notes.finished,
        onTask: (task) => notes.add(task),
      }),
    ).rejects.toThrow('interrupted');
    expect(existsSync(file)).toBe(true);
    const first = await refreshed(replay(hubExchanges({ ...model, pinned: true })));
    const done = first.seen.find((task) => task.key === WEIGHTS) as FinishedTask;
    notes.add(done);
    const again = openPartial(file, key, NOW);
    expect([...again.finished.keys()]).toEqual([WEIGHTS]);
    expect(subjectOf((await refreshed(offline, null, new Map(again.finished))).lock, WEIGHTS).retrieval.status).toBe('retrieved');
    expect(openPartial(file, 'another@release', NOW).finished.size).toBe(0);
    expect(openPartial(file, key, new Date('2026-11-25T12:00:00Z')).finished.size).toBe(0);
    again.remove();
    expect(existsSync(file)).toBe(false);
  });
});

describe('the difference between two locks', () => {
  const subject = async () => subjectOf((await refreshed(replay(hubExchanges({ ...model, pinned: true })))).lock, WEIGHTS);
  const lockOf = (each: LockSubject): EvidenceLock => ({ ...committed, subjects: [each] });

  it.each<readonly [string, (subject: Mutable<LockSubject>) => unknown]>([
    ['licence-changed', (each) => Object.assign(each.claims[0] as object, { says: 'cc-by-nc-4.0' })],
    ['gated', (each) => Object.assign(each, { gated: true })],
    ['disabled', (each) => Object.assign(each, { disabled: true })],
    ['renamed', (each) => Object.assign(each, { resolved: 'hf:model/other/name' })],
    ['new-revision', (each) => Object.assign(each, { revision: 'b'.repeat(40) })],
    ['content-changed', (each) => Object.assign(each.files[0] as object, { sha256: '9'.repeat(64) })],
    ['not-present', (each) => Object.assign(each, { presence: { present: false, because: 'deleted' } })],
    ['vanished', (each) => Object.assign(each, { retrieval: { status: 'unavailable', http: 404, reason: 'gone' }, claims: [], files: [] })],
  ])('says %s and nothing else', async (kind, change) => {
    const before = await subject();
    const after = structuredClone(before);
    change(after);
    const changes = diffLocks(lockOf(before as LockSubject), lockOf(after as LockSubject));
    expect(changes.map((each) => each.kind)).toEqual([kind]);
    expect(describeChange(changes[0] as (typeof changes)[0])).toContain(WEIGHTS);
  });

  it('does not speak of times and of the spelling of a licence', async () => {
    const before = await subject();
    const after = structuredClone(before);
    after.retrieved = '2027-01-01T00:00:00Z';
    if (after.claims[0]) after.claims[0].says = 'Apache-2.0';
    expect(diffLocks(lockOf(before as LockSubject), lockOf(after as LockSubject))).toEqual([]);
  });
});

describe('drift', () => {
  const at = '2026-12-24T12:00:00Z';
  const locked = async (): Promise<EvidenceLock> => {
    const { lock } = await refreshed(replay([...hubExchanges({ ...model, pinned: true })]));
    return { ...lock, subjects: lock.subjects.filter(({ id }) => id === WEIGHTS || id === 'data:SA-1B') };
  };
  const drift = async (exchanges: readonly Exchange[]) =>
    driftOf(await locked(), 'lock.json', replay(exchanges), at, new AbortController().signal);
  const kinds = ({ changes }: Awaited<ReturnType<typeof drift>>) => changes.map(({ kind }) => kind);

  it('is none while upstream is as it was', async () =>
    expect(await drift(hubExchanges(model))).toMatchObject({ state: 'same', changes: [], compared: [WEIGHTS], unknown: [] }));

  it('is a changed licence, a gate, a rename, a new revision', async () => {
    const report = await drift(hubExchanges({ ...model, sha: 'c'.repeat(40), license: 'cc-by-nc-4.0', gated: 'auto', id: 'new/name' }));
    expect(report.state).toBe('drift');
    expect(kinds(report)).toEqual(['licence-changed', 'gated', 'renamed', 'new-revision']);
  });

  it('is a repository that nobody can read any more; a 401 is not called a gate', async () => {
    const report = await drift([
      get(`https://huggingface.co/api/models/${model.name}`, { status: 401, headers: { 'x-error-code': 'GatedRepo' } }),
    ]);
    expect(kinds(report)).toEqual(['vanished']);
    expect(report.changes[0]?.after).toContain('does not say which');
  });

  it('cannot be told without an answer', async () => {
    expect(await drift([broken(`https://huggingface.co/api/models/${model.name}`)])).toMatchObject({
      state: 'unknown',
      changes: [],
      unknown: [{ subject: WEIGHTS }],
    });
    expect((await drift([get(`https://huggingface.co/api/models/${model.name}`, { status: 503 })])).state).toBe('unknown');
  });

  it('compares a documented revision and licence too', async () => {
    const lock = {
      ...committed,
      subjects: committed.subjects.filter(({ id }) => id === 'git:github.com/EvolvingLMMs-Lab/LLaVA-OneVision-2' || id === WEIGHTS),
    };
    const exchanges = [
      ...hubExchanges({ ...model, sha: 'd'.repeat(40) }),
      ...githubExchanges({ name: 'EvolvingLMMs-Lab/LLaVA-OneVision-2', sha: SHA, spdxId: 'Apache-2.0' }),
    ];
    const report = await driftOf(lock, 'lock.json', replay(exchanges), at, new AbortController().signal);
    expect(report.changes).toMatchObject([{ kind: 'new-revision', subject: WEIGHTS }]);
  });
});
