import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../rollout/schema';
import { watchRollout } from '../../rollout/watch';

const rollout = (state: Rollout['state']) => ({ state, at: 'now', summary: state }) as Rollout;

/** Answers one after the other; an Error is thrown. */
function looks(answers: readonly (Rollout | Error)[]) {
  const left = [...answers];
  const said: string[] = [];
  const waits: number[] = [];
  const watching = (first: Rollout, signal = new AbortController().signal) =>
    watchRollout(first, {
      everySeconds: 0,
      signal,
      onProgress: (line) => said.push(line),
      look: async (seconds) => {
        waits.push(seconds);
        const next = left.shift() ?? new Error('asked too often');
        if (next instanceof Error) throw next;
        return next;
      },
    });
  return { watching, said, waits };
}

describe('watchRollout', () => {
  it('looks again until something differs, and gives an update time to be over', async () => {
    const { watching, said, waits } = looks([rollout('proved'), rollout('proved'), rollout('differs')]);
    expect((await watching(rollout('proved'))).state).toBe('differs');
    expect(said).toHaveLength(2);
    for (const seconds of waits) expect(seconds).toBeGreaterThan(0);
  });

  it('takes what was unknown from the start for no news', async () => {
    expect((await looks([rollout('unknown'), rollout('failed')]).watching(rollout('unknown'))).state).toBe('failed');
    expect((await looks([rollout('unknown')]).watching(rollout('proved'))).state).toBe('unknown');
  });

  it('asks an API server again that does not answer, but does not call silence a pass', async () => {
    const gone = new Error('ECONNREFUSED');
    const { watching, said } = looks([gone, gone, rollout('proved'), gone, gone, gone, gone, gone]);
    await expect(watching(rollout('proved'))).rejects.toThrow('ECONNREFUSED');
    expect(said.filter((line) => line.includes('does not answer'))).toHaveLength(6);
  });

  it('ends at once with the signal', async () => {
    const abort = new AbortController();
    const { watching } = looks([]);
    abort.abort(new Error('Ctrl-C'));
    await expect(watching(rollout('proved'), abort.signal)).rejects.toThrow();
  });
});
