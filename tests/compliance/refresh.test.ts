import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LockSubjectSchema } from '../../compliance/lock-schema';
import { readGithub } from '../../compliance/refresh/github';
import { isStub } from '../../compliance/refresh/github-parts';
import { readHub } from '../../compliance/refresh/hub';
import { readImage } from '../../compliance/refresh/oci';
import type { Reading } from '../../compliance/refresh/reading';
import { replaying } from '../../compliance/transport/recording';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { broken, type Exchange, get, githubExchanges, type HubSample, hubExchanges, imageExchanges, writeRecording } from './recordings';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-refresh-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const NOW = '2026-11-23T12:00:00Z';
const SHA = 'a'.repeat(40);
const APACHE = readFileSync(fromRoot('LICENSE'), 'utf8');
const context = (exchanges: readonly Exchange[]) => ({
  transport: replaying(writeRecording(join(scratch, String(folders++)), exchanges)),
  now: NOW,
});

const CARD = '---\nlicense: apache-2.0\n---\n# A model\n';
const INDEX = JSON.stringify({
  metadata: {},
  weight_map: { 'a.weight': 'model-00001-of-00002.safetensors', 'b.weight': 'model-00002-of-00002.safetensors' },
});
const MODEL: HubSample = {
  name: 'org/model',
  sha: SHA,
  pinned: true,
  license: 'apache-2.0',
  texts: {
    'README.md': CARD,
    LICENSE: APACHE,
    'model.safetensors.index.json': INDEX,
    'config.json': '{}',
    'modeling_x.py': 'import torch\nprint(1)\n',
    'tokenizer_config.json': '{"a":1}',
  },
  lfs: {
    'model-00001-of-00002.safetensors': [5_000_000_000, '1'.repeat(64)],
    'model-00002-of-00002.safetensors': [4_000_000_000, '2'.repeat(64)],
    'tensorboard/events.out.tfevents.1': [93_000_000, '3'.repeat(64)],
  },
};
const PARTS = ['', '#remote-code', '#tokenizer', '#configs', '#tensorboard'].map((part) => `hf:model/org/model${part}`);
const hub = (sample: HubSample, ids: readonly string[] = ['hf:model/org/model'], extra: readonly Exchange[] = []) =>
  readHub(ids, sample.pinned ? sample.sha : null, context([...extra, ...hubExchanges(sample)]));
const first = ({ subjects }: Reading) => {
  for (const subject of subjects) LockSubjectSchema.parse(subject);
  return subjects[0] as NonNullable<(typeof subjects)[0]>;
};

describe('a model on the Hub', () => {
  it('is read with all channels, hashes, shards and a probe of every shard', async () => {
    const reading = await hub(MODEL, PARTS);
    expect(first(reading)).toMatchObject({
      requested: 'hf:model/org/model',
      resolved: 'hf:model/org/model',
      revision: SHA,
      retrieval: { status: 'retrieved', http: 200 },
      gated: false,
      presence: { present: true, because: expect.stringContaining('first byte of 2') },
      files: [
        { path: 'model-00001-of-00002.safetensors', bytes: 5_000_000_000, sha256: '1'.repeat(64) },
        { path: 'model-00002-of-00002.safetensors', bytes: 4_000_000_000, sha256: '2'.repeat(64) },
      ],
    });
    expect(first(reading).claims.map(({ channel, says }) => [channel, says])).toEqual([
      ['api', 'apache-2.0'],
      ['card', 'apache-2.0'],
      ['file', 'Apache-2.0'],
    ]);
    expect(reading.texts.map((text) => sha256Hex(text))).toEqual([sha256Hex(APACHE)]);
    for (const part of reading.subjects.slice(1))
      expect([part.id, part.presence.present, part.files.length > 0]).toEqual([part.id, true, true]);
  });

  it.each<readonly [string, Partial<HubSample>, string]>([
    [
      'a shard that the index names is missing',
      { lfs: { 'model-00001-of-00002.safetensors': [1, '1'.repeat(64)] } },
      '1 shards of the index are missing',
    ],
    ['a shard answers 403', { probes: { 'model-00002-of-00002.safetensors': 403 } }, '1 of 2 files cannot be had'],
    ['no weights at all', { lfs: {}, texts: { 'README.md': CARD } }, 'no weight file'],
  ])('is not there when %s', async (_, change, because) => {
    expect(first(await hub({ ...MODEL, ...change })).presence).toMatchObject({ present: false, because: expect.stringContaining(because) });
  });

  it('keeps a licence list as a list, and says how the Hub writes what has another SPDX id', async () => {
    expect(first(await hub({ ...MODEL, license: ['mit', 'gpl-3.0'] })).claims[0]?.says).toEqual(['mit', 'gpl-3.0']);
    expect(first(await hub({ ...MODEL, license: 'odc-by' })).claims[0]).toMatchObject({ says: 'ODC-By-1.0', note: 'written odc-by' });
    expect(first(await hub({ ...MODEL, license: undefined })).claims[0]?.says).toBeNull();
  });

  it('reports a rename, and the gate that the Hub states', async () => {
    const moved = first(await hub({ ...MODEL, pinned: false, id: 'neworg/model', gated: 'manual' }));
    expect(moved).toMatchObject({ requested: 'hf:model/org/model', resolved: 'hf:model/neworg/model', gated: true });
  });

  it('takes a changed licence text for what it is', async () => {
    const bent = APACHE.replace('irrevocable', 'revocable');
    const claim = first(await hub({ ...MODEL, texts: { ...MODEL.texts, LICENSE: bent } })).claims[2];
    expect(claim).toMatchObject({
      channel: 'file',
      says: 'Apache-2.0',
      note: expect.stringContaining('changed copy'),
      sha256: sha256Hex(bent),
    });
  });

  it('notices that a file changed between the list and the download', async () => {
    const other = get(`https://huggingface.co/org/model/resolve/${SHA}/README.md`, { status: 200, text: `${CARD}more` });
    const reading = await hub(MODEL, undefined, [other]);
    expect(first(reading).retrieval).toMatchObject({ status: 'unavailable', reason: expect.stringContaining('changed while it was read') });
    expect(reading.transient).not.toBeNull();
  });

  it('refuses another commit than the pinned one', async () => {
    const wrong = get(`https://huggingface.co/api/models/org/model/revision/${SHA}`, {
      status: 200,
      json: { id: 'org/model', sha: 'b'.repeat(40) },
    });
    expect(first(await hub(MODEL, undefined, [wrong])).retrieval.reason).toContain('answered with bbbb');
  });

  it.each<readonly [number, Readonly<Record<string, string>>, object, boolean]>([
    [
      401,
      { 'x-error-code': 'RepoNotFound' },
      { gated: null, retrieval: { http: 401, reason: expect.stringMatching(/private, gated or missing/) } },
      false,
    ],
    [401, { 'x-error-code': 'GatedRepo' }, { gated: null }, false],
    [403, { 'x-error-code': 'GatedRepo' }, { gated: true }, false],
    [403, { 'x-error-message': 'Access to this resource is disabled.' }, { disabled: true, gated: null }, false],
    [404, { 'x-error-code': 'RepoNotFound' }, { gated: null, retrieval: { http: 404 } }, false],
    [503, {}, { gated: null, retrieval: { http: 503 } }, true],
    [429, {}, { gated: null }, true],
  ])('that answers %i %j is unavailable: %j', async (status, headers, expected, transient) => {
    const reading = await readHub(
      PARTS,
      SHA,
      context([get(`https://huggingface.co/api/models/org/model/revision/${SHA}`, { status, headers })]),
    );
    expect(first(reading)).toMatchObject({ ...expected, resolved: null, claims: [], files: [], presence: { present: null } });
    expect(reading.subjects).toHaveLength(PARTS.length);
    expect(reading.transient !== null).toBe(transient);
  });

  it('whose connection breaks is unavailable for now', async () => {
    const reading = await readHub(PARTS, SHA, context([broken(`https://huggingface.co/api/models/org/model/revision/${SHA}`)]));
    expect(reading.transient).toContain('ECONNRESET');
  });
});

describe('a repository on GitHub', () => {
  const NAME = 'EvolvingLMMs-Lab/LLaVA-OneVision-2';
  const id = (part = '') => `git:github.com/${NAME}${part}`;

  it('is read at its head: text, name, parts that are more than stubs', async () => {
    const { subjects, texts } = await readGithub(
      [id(), id('#quick_start'), id('#stage-1-alignment'), id('#stage-1.5-mid-training'), id('#training-logs')],
      context([
        ...githubExchanges({
          name: NAME,
          sha: SHA,
          spdxId: 'NOASSERTION',
          licence: APACHE,
          contents: {
            'examples/llava_ov_1_5/quick_start': [{ name: 'stage_1.sh', text: '#!/bin/bash\nset -e\ntorchrun train.py\n' }],
            'examples/llava_ov_1_5/stage_1_alignment.sh': '# coming\n',
          },
        }),
        get(`https://api.github.com/repos/${NAME}/contents/examples/llava_ov_1_5/stage_1.5_mid_training.sh?ref=${SHA}`, { status: 404 }),
      ]),
    );
    for (const subject of subjects) LockSubjectSchema.parse(subject);
    expect(subjects.map(({ presence }) => presence.present)).toEqual([true, true, false, false, null]);
    expect(subjects[0]?.claims.map(({ channel, says }) => [channel, says])).toEqual([
      ['api', null],
      ['file', 'Apache-2.0'],
    ]);
    expect(texts).toHaveLength(1);
  });

  it('that was renamed answers under its new name', async () => {
    const reading = await readGithub(
      ['git:github.com/o/old'],
      context(githubExchanges({ name: 'o/old', fullName: 'o/new', sha: SHA, spdxId: 'MIT' })),
    );
    expect(first(reading)).toMatchObject({ requested: 'git:github.com/o/old', resolved: 'git:github.com/o/new' });
  });

  it('that is gone is unavailable, and a spent rate limit passes', async () => {
    const gone = await readGithub(['git:github.com/o/r'], context([get('https://api.github.com/repos/o/r', { status: 404 })]));
    expect([first(gone).retrieval.http, gone.transient]).toEqual([404, null]);
    const limited = await readGithub(
      ['git:github.com/o/r'],
      context([get('https://api.github.com/repos/o/r', { status: 403, headers: { 'x-ratelimit-remaining': '0' } })]),
    );
    expect(limited.transient).toContain('403');
  });

  it.each([
    ['# coming', true],
    ['#!/bin/bash\n# coming soon\n', true],
    ['', true],
    ['#!/bin/bash\necho "coming soon"\necho later', true],
    ['#!/bin/bash\nset -e\ntorchrun train.py --lr 1e-5', false],
  ])('script %j is a stub: %s', (text, stub) => expect(isStub(text)).toBe(stub));
});

describe('an image', () => {
  const place = { registry: 'docker.io', name: 'vllm/vllm-openai', reference: 'v0.32.0' };
  const sample = {
    name: place.name,
    tag: place.reference,
    labels: { 'org.opencontainers.image.licenses': 'Apache-2.0', 'org.opencontainers.image.base.name': 'nvidia/cuda' },
  };

  it('is read by token, index, platform and configuration, every digest computed', async () => {
    const { exchanges, index, config } = imageExchanges(sample);
    expect(first(await readImage('oci:docker.io/vllm/vllm-openai', place, context(exchanges)))).toMatchObject({
      revision: index,
      source: `docker.io/vllm/vllm-openai@${index}`,
      claims: [{ channel: 'label', says: 'Apache-2.0', sha256: config.slice(7), note: 'org.opencontainers.image.base.name=nvidia/cuda' }],
      files: [{ path: 'index' }, { path: 'manifest linux/amd64' }, { path: 'config' }],
    });
  });

  it('without a label states no licence', async () => {
    const { exchanges } = imageExchanges({ ...sample, labels: {} });
    expect(first(await readImage('oci:docker.io/vllm/vllm-openai', place, context(exchanges))).claims[0]?.says).toBeNull();
  });

  it('whose registry states another digest than the body has is not read', async () => {
    const { exchanges } = imageExchanges({ ...sample, lies: true });
    expect(first(await readImage('oci:docker.io/vllm/vllm-openai', place, context(exchanges))).retrieval.reason).toContain('the body has');
  });

  it('that asks for a login with a realm that is no bearer is not read', async () => {
    const exchanges = [
      get('https://registry-1.docker.io/v2/vllm/vllm-openai/manifests/v0.32.0', {
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="x"' },
      }),
    ];
    expect(first(await readImage('oci:docker.io/vllm/vllm-openai', place, context(exchanges))).retrieval.http).toBe(401);
  });
});
