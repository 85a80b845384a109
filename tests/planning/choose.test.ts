import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import type { Placed } from '../../planning/choose/evaluate';
import { paretoFront } from '../../planning/choose/pareto';
import { loadRelease } from '../../release/load';
import { CATALOG, EIGHT_B, plan } from './support';

const EVERYTHING = { instanceFamilies: [...new Set(CATALOG.instances.map((instance) => instance.family))] };
const CPU_RELEASE = loadRelease(fromRoot('examples/qwen3-vl-cpu.yaml')).release;
const codes = (result: ReturnType<typeof plan>) => result.problems.map(({ code }) => code);

describe('the Pareto front', () => {
  const fake = (usd: number | null, seconds: number) =>
    ({
      usdPerMonth: { value: usd },
      performance: { timeToFirstTokenMs: { value: seconds * 1000 }, timePerOutputTokenMs: { value: 0 } },
    }) as unknown as Placed;

  it('holds exactly the placements that no other one beats', () => {
    const point = fc.record({ usd: fc.integer({ min: 1, max: 9 }), seconds: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 12 }), (points) => {
        const placed = points.map(({ usd, seconds }) => fake(usd, seconds));
        const front = paretoFront(placed, 10);
        for (const [index, a] of points.entries()) {
          const beaten = points.some((b) => b.usd <= a.usd && b.seconds <= a.seconds && (b.usd < a.usd || b.seconds < a.seconds));
          expect(front.has(placed[index] as Placed)).toBe(!beaten);
        }
      }),
    );
  });

  it('leaves out what has no price', () => {
    expect(paretoFront([fake(null, 1)], 10).size).toBe(0);
  });

  it('is marked in the plan, and the chosen one is on it', () => {
    const { candidates } = plan({ placement: EVERYTHING });
    const front = candidates.filter((candidate) => candidate.paretoOptimal);
    expect(front.find((candidate) => candidate.chosen)).toBeDefined();
    expect(front.length).toBeGreaterThan(2);
    expect(front.length).toBeLessThan(candidates.length);
    const answer = (item: (typeof front)[number]) =>
      (item.performance.timeToFirstTokenMs.value as number) + 119 * (item.performance.timePerOutputTokenMs.value as number);
    const byPrice = [...front].sort((a, b) => (a.usdPerMonth.value as number) - (b.usdPerMonth.value as number));
    for (let index = 1; index < byPrice.length; index++) {
      expect(answer(byPrice[index] as (typeof front)[number])).toBeLessThan(answer(byPrice[index - 1] as (typeof front)[number]));
    }
  });
});

describe('rejected candidates', () => {
  it('each say the failing term, and by how much where it has a quantity', () => {
    const { rejected } = plan({ ...EIGHT_B, placement: EVERYTHING });
    const memory = rejected.filter(({ code }) => code.startsWith('E_FIT_'));
    expect(memory.length).toBeGreaterThan(3);
    for (const { shortBy } of memory) expect(shortBy?.value).toBeGreaterThan(0);
    for (const { code, shortBy } of rejected.filter((item) => ['E_COSTS_MORE', 'E_TARGET_TPOT', 'E_REPLICAS'].includes(item.code))) {
      expect(shortBy, code).not.toBeNull();
    }
    for (const { reason } of rejected) expect(reason.length).toBeGreaterThan(20);
  });

  it('count CPU machines for a GGUF, and none for vLLM', () => {
    const cpu = plan({ placement: EVERYTHING }, CATALOG, CPU_RELEASE);
    expect(cpu.candidates.some((candidate) => candidate.gpu === null)).toBe(true);
    const gpu = plan({ placement: EVERYTHING });
    expect(gpu.candidates.every((candidate) => candidate.gpu !== null)).toBe(true);
    expect(gpu.rejected.find(({ candidate }) => candidate.startsWith('c8g.'))?.code).toBe('E_NO_GPU');
  });
});

describe('other regions', () => {
  const dublin = { placement: { region: 'eu-west-1', instanceFamilies: ['g5', 'g6', 'g6e'] } };

  it('stand beside the plan with their prices', () => {
    const here = plan(dublin);
    expect(here.placement.instanceType).toBe('g5.xlarge');
    const regions = here.alternatives.filter(({ kind }) => kind === 'region');
    expect(regions.map(({ name }) => name)).toEqual(['us-east-1', 'us-west-2']);
    expect(regions[0]).toMatchObject({ candidate: '1 x g6.xlarge (NVIDIA L4)', usdPerHour: { value: 0.8048 } });
    const hint = here.problems.find(({ code }) => code === 'W_REGION_ALTERNATIVE');
    expect(hint?.message).toMatch(
      /g6, g6e is not offered in eu-west-1\. In us-east-1 g6\.xlarge would do at \$0\.8048 an hour.*g5\.xlarge costs \$1\.1230 an hour/,
    );
  });

  it('say which families they do not have', () => {
    const ireland = plan().alternatives.find(({ name }) => name === 'eu-west-1');
    expect(ireland?.note).toContain('not offered there: g6, g6e');
  });

  it('name the way out where nothing is offered', () => {
    const none = plan({ placement: { region: 'eu-west-1', instanceFamilies: ['g6', 'g6e'] } });
    expect(none.state).toBe('refused');
    expect(codes(none)).toEqual(expect.arrayContaining(['E_NO_PLACEMENT', 'W_REGION_ALTERNATIVE']));
    expect(none.problems.find(({ code }) => code === 'E_NO_PLACEMENT')?.next).toContain('g5.xlarge');
  });
});

describe('other precisions', () => {
  it('are hints: fp8 lets the 8B onto an L4, and the release keeps its own', () => {
    const bf16 = plan({ ...EIGHT_B, placement: { instanceFamilies: ['g6', 'g6e'] } });
    expect(bf16.model.precision).toBe('bf16');
    expect(bf16.placement.gpu).toBe('NVIDIA L40S');
    const fp8 = bf16.alternatives.find(({ kind, name }) => kind === 'precision' && name === 'fp8');
    expect(fp8?.candidate).toContain('NVIDIA L4)');
    expect(fp8?.usdPerMonth.value).toBeLessThan(bf16.cost.usdPerMonth.value as number);
    expect(fp8?.note).toContain('quality is not known');
  });

  it('say why one does not do', () => {
    const small = plan({ ...EIGHT_B, placement: { instanceFamilies: ['g4dn'] } });
    const fp8 = small.alternatives.find(({ name }) => name === 'fp8');
    expect(fp8).toMatchObject({ candidate: null, usdPerMonth: { value: null } });
    expect(fp8?.note).toMatch(/none does, g4dn\.\S+: /);
  });
});

describe('the loss of a node', () => {
  it('is not survived by one replica, and the plan says what would', () => {
    const { oneFailure } = plan().placement;
    expect(oneFailure).toMatchObject({ survives: false, replicasToSurvive: 2 });
    expect(oneFailure.usdPerMonthMore).toBeCloseTo(0.8048 * 200, 6);
  });

  it('is survived with one node more when the release asks for it', () => {
    const safe = plan({ placement: { surviveOneFailure: true } });
    expect(safe.placement).toMatchObject({ replicas: 2, oneFailure: { survives: true, usdPerMonthMore: 0 } });
    expect(safe.cost.usdPerHour.value).toBeCloseTo(2 * 0.8048, 9);
    // What is left must hold the whole peak: memory and flags are those of one replica.
    expect(safe.engine.args).toEqual(plan().engine.args);
  });

  it('has the node to spare at both ends of the range, up to maxReplicas', () => {
    const load = { peakRequestsPerSecond: 5 };
    const placement = { maxReplicas: 40, instanceFamilies: ['g6.xlarge'] };
    const bare = plan({ load, placement }).placement.replicasRange;
    const safe = plan({ load, placement: { ...placement, surviveOneFailure: true } });
    expect(safe.placement.replicasRange).toEqual({ low: bare.low + 1, high: bare.high + 1 });
    expect(safe.cost.usdPerHour.high).toBeCloseTo((bare.high + 1) * 0.8048, 9);
  });

  it('takes a whole machine with all replicas on it', () => {
    const { placement } = plan({ placement: { surviveOneFailure: true, maxReplicas: 16, instanceFamilies: ['g6.12xlarge'] } });
    expect(placement.replicas).toBe(placement.oneFailure.replicasToSurvive);
    expect(placement.replicas).toBe(1 + placement.gpuCount / placement.tensorParallel);
  });

  it('is refused beyond maxReplicas, with the number', () => {
    const refused = plan({ placement: { surviveOneFailure: true, maxReplicas: 1, instanceFamilies: ['g6.xlarge'] } });
    expect(refused.rejected[0]).toMatchObject({ code: 'E_REPLICAS', shortBy: { value: 1, unit: 'replicas' } });
  });

  it('is free where minReplicas has the node anyway', () => {
    const { oneFailure } = plan({ placement: { minReplicas: 2 } }).placement;
    expect(oneFailure).toMatchObject({ survives: true, usdPerMonthMore: 0 });
  });
});

it('a machine that needs more replicas than it may have is shown with the memory of those that it needs', () => {
  const change = (maxReplicas: number) => ({
    load: { peakRequestsPerSecond: 40 },
    placement: { maxReplicas, instanceFamilies: ['g6e.xlarge'] },
  });
  const refused = plan(change(2));
  expect(refused.rejected[0]?.code).toBe('E_REPLICAS');
  const enough = plan(change(2 + (refused.rejected[0]?.shortBy?.value ?? 0)));
  expect(enough.fit.kvCache.tokensNeeded).toBeGreaterThan(enough.request.totalTokens);
  expect(refused.fit).toEqual(enough.fit);
});

describe('spot', () => {
  const spot = (region: string, families: string[]) => plan({ placement: { region, capacity: ['spot'], instanceFamilies: families } });
  const message = (of: ReturnType<typeof plan>, code: string) => of.problems.find((problem) => problem.code === code)?.message;

  it('is hinted at elsewhere at its own price, since the release allows no other', () => {
    const hint = message(spot('eu-west-1', ['g5', 'g6']), 'W_REGION_ALTERNATIVE');
    expect(hint).toContain('In us-east-1 g6.xlarge (spot) would do at $0.3750 an hour');
    expect(hint).toContain('here g5.xlarge (spot) costs nobody knows what');
  });

  it('says of a price that nobody has seen that nobody has', () => {
    expect(message(spot('eu-west-1', ['g5']), 'W_SPOT_INTERRUPTION')).toContain('nobody has seen that of g5.xlarge (spot)');
  });

  it('tells the price of one machine, not of all', () => {
    const many = plan({
      load: { peakRequestsPerSecond: 5 },
      placement: { capacity: ['spot'], instanceFamilies: ['g6.xlarge'], maxReplicas: 40 },
    });
    expect(many.placement.replicas).toBeGreaterThan(1);
    expect(message(many, 'W_SPOT_INTERRUPTION')).toContain('was seen between $0.35 and $0.40 an hour');
  });
});

it('a card that is too small for the weights is short of the cache as well, and says both', () => {
  const [small] = plan({ ...EIGHT_B, placement: { instanceFamilies: ['g6f.4xlarge'] } }).rejected;
  expect(small?.code).toBe('E_FIT_GPU_MEMORY');
  expect(small?.reason).toContain(`and with the KV cache of the load ${small?.shortBy?.value.toFixed(2)} GiB`);
});
