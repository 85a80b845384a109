import { describe, expect, it } from 'vitest';
import { findHelm } from '../../charts/helm';
import { tryRelease } from '../../rehearsal/cluster/release-trial';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { notRun } from '../integration/requirements';
import { requireControlPlane, smolRelease } from './support';

/** A steady load that a rolling update must not disturb. */
const REQUESTS = 1_000;

describe('a release on a real API server, with a real engine', async () => {
  const what = 'a release on a real API server';
  const binary = await requireControlPlane(what);
  const cached = { run: () => Promise.reject(new Error('only the cache is looked at')), signal: AbortSignal.timeout(5_000) };
  const engine = await ensureLlamaServer(cached).catch(() => undefined);
  const model = await ensureSmolLm2Gguf(cached).catch(() => undefined);
  const nginx = await findDebianProgram('nginx');
  if (!binary) return;
  if (!engine || !model) return notRun(what, 'llama-server or its model is not built; npx ovkit rehearse --cluster embedded builds them');

  it('comes up, is proved, refuses what was not judged, and loses no request in an update and a drain', async () => {
    const { values, plan } = smolRelease({ proxy: true });
    const trial = await tryRelease({
      binary,
      helm: await findHelm(),
      engine,
      nginx: nginx.found ? nginx : undefined,
      model,
      values,
      plan,
      namespace: 'smollm2',
      shared: false,
      now: () => new Date(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      leastRequests: REQUESTS,
    });
    expect(trial.proxied).toBe(nginx.found);
    expect(trial.tested).toBeNull();
    expect(trial.apiKey).toEqual(nginx.found ? [] : null);
    expect(trial.rollout.state).toBe('proved');
    expect(trial.rollout.smoke).toMatchObject({ passed: true });
    expect(trial.rollout.pods[0]?.weightsManifest).toMatch(/^sha256:/);
    expect(trial.refusals.every(({ message }) => message?.includes('OVK-ADM-'))).toBe(true);
    expect(trial.update).toMatchObject({ failed: 0, failures: [] });
    expect(trial.update.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(trial.drain).toMatchObject({ failed: 0, failures: [] });
    expect(trial.drainedPods).toBe(1);
  });
});
