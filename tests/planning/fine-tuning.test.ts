import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINE_TUNE_DEFAULTS, FINE_TUNE_METHODS, type FineTuneOptions, fineTuneEnvelope } from '../../planning/fine-tuning';
import { loraParameters } from '../../planning/fine-tuning/trained';
import { CATALOG, GIB, model } from './support';

const FOUR_B = model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct');
const LARGE = model('lmms-lab/LLaVA-OneVision-1.5-8B-Instruct');
const envelope = (change: Partial<FineTuneOptions> = {}, of = FOUR_B) =>
  fineTuneEnvelope(of, { ...FINE_TUNE_DEFAULTS, method: 'lora', region: 'us-east-1', ...change }, CATALOG);
const term = (result: ReturnType<typeof envelope>, row: number, name: string) =>
  result.memory[row]?.terms.find((item) => item.name.startsWith(name))?.value ?? 0;

describe('memory of training', () => {
  it('takes 16 bytes for every parameter of a full fine-tuning, before activations', () => {
    const full = envelope({ method: 'full' });
    const bytes = ['weights', 'gradients', 'optimiser'].reduce((sum, name) => sum + term(full, 0, name), 0);
    expect(bytes).toBe(16 * FOUR_B.parameters.total);
  });

  it('is shared out by ZeRO-3', () => {
    const full = envelope({ method: 'full' });
    for (const name of ['weights', 'gradients', 'optimiser']) expect(term(full, 2, name)).toBeCloseTo(term(full, 1, name) / 8, 0);
  });

  it('counts the low-rank matrices by the shapes of the layers', () => {
    // Qwen3-4B, one layer, rank 1: q 2560+4096, k and v 2560+1024, o 4096+2560, gate and up 2560+9728, down 9728+2560.
    const perLayer = 2 * (2560 + 4096) + 2 * (2560 + 1024) + 3 * (2560 + 9728);
    expect(loraParameters(FOUR_B, 16)).toBe(36 * 16 * perLayer);
    expect(envelope().trainedParameters).toBe(36 * 16 * perLayer);
  });

  it('trains the merger alone as an adapter', () => {
    expect(envelope({ method: 'adapter' }).trainedParameters).toBe(FOUR_B.parameters.merger);
  });

  it('is less with checkpointing, and the hours are more', () => {
    for (const method of FINE_TUNE_METHODS) {
      const { memory } = envelope({ method });
      expect(memory[1]?.totalGib.value).toBeLessThan(memory[0]?.totalGib.value as number);
    }
    const activations = (row: number) => term(envelope(), row, 'activations');
    expect(activations(0) / activations(1)).toBeGreaterThan(10);
  });

  it('never shrinks with more tokens, a larger rank or a larger batch', () => {
    const size = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(size, size, size, fc.constantFrom(...FINE_TUNE_METHODS), (rank, batch, text, method) => {
        const total = (options: Partial<FineTuneOptions>) =>
          envelope({ method, loraRank: rank, microBatch: batch, textTokens: text, ...options }).memory.map((row) => row.totalGib.high);
        const base = total({});
        for (const more of [total({ loraRank: rank + 1 }), total({ microBatch: batch + 1 }), total({ textTokens: text + 100 })]) {
          for (const [index, gib] of more.entries()) expect(gib).toBeGreaterThanOrEqual(base[index] as number);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('hours and price', () => {
  it('grow with pairs and epochs alike', () => {
    const once = envelope({ pairs: 1000, epochs: 1 }).a100GpuHours.value as number;
    expect(envelope({ pairs: 3000, epochs: 2 }).a100GpuHours.value).toBeCloseTo(6 * once, 9);
  });

  it('are larger for a full fine-tuning than for LoRA, and for the 8B than for the 4B', () => {
    const hours = (change: Partial<FineTuneOptions>, of = FOUR_B) => envelope(change, of).a100GpuHours.value as number;
    expect(hours({ method: 'full' })).toBeGreaterThan(hours({}));
    expect(hours({}, LARGE)).toBeGreaterThan(hours({}));
  });

  it('are hours of the machine times its price', () => {
    const machine = envelope().machines.find(({ instanceType }) => instanceType === 'g6e.xlarge');
    expect(machine?.usd.value).toBeCloseTo((machine?.hours.value as number) * 1.861, 9);
  });

  it('say that a machine fits only when it does at the high end', () => {
    for (const of of [FOUR_B, LARGE]) {
      for (const method of FINE_TUNE_METHODS) {
        for (const machine of envelope({ method }, of).machines) {
          if (machine.fits !== null) expect(machine.fits).toBe(machine.gibPerGpu.high <= (machine.capacityGib as number));
        }
      }
    }
  });

  it('list no machine that the region lacks, nor one without bf16', () => {
    const types = envelope({ region: 'eu-west-1' }).machines.map(({ instanceType }) => instanceType);
    expect(types.some((type) => type.startsWith('g6'))).toBe(false);
    expect(types.some((type) => type.startsWith('g4dn'))).toBe(false);
  });
});

describe('against what was published', () => {
  it('full fine-tuning of the 4B fits on 8 cards of 80 GB and not on one', () => {
    const [check] = envelope({ method: 'full' }).crossChecks;
    expect(check).toMatchObject({ holds: true, estimated: expect.stringMatching(/a GPU of 8 \(fits 80 GB\)/) });
    expect(envelope({ method: 'full' }).memory[1]?.totalGib.high).toBeGreaterThan(80);
  });

  it('LoRA of the 8B fits on 40 GB', () => {
    const checks = envelope({}, LARGE).crossChecks;
    expect(checks.find(({ what }) => what.startsWith('LoRA'))?.holds).toBe(true);
    expect(envelope({}, LARGE).memory[0]?.totalGib.value).toBeLessThan((40e9 / GIB) * 0.98);
  });

  it('the whole training is within the stated factor of 3 of 16,000 USD, which lies inside the range', () => {
    const whole = envelope({}, LARGE).crossChecks.find(({ what }) => what.startsWith('the whole training'));
    expect(whole?.holds).toBe(true);
    const [, low, high] = /\((\d+) to (\d+)\)/.exec(whole?.estimated ?? '') ?? [];
    expect(Number(low)).toBeLessThan(26_667);
    expect(Number(high)).toBeGreaterThan(26_667);
  });
});
