import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findEngine, findGpu, findModel, findRegion, findService, instancesOf } from '../../catalog/find';
import { loadCatalog } from '../../catalog/load';
import { errorOf } from '../core/error-of';

const catalog = loadCatalog();

describe('looking a name up', () => {
  it('finds a model by its id without a word', () => {
    expect(findModel(catalog, 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct').renamedFrom).toBeUndefined();
  });

  it('finds a model by another name and tells', () => {
    const found = findModel(catalog, 'lmms-lab-encoder/LLaVA-OneVision-2-8B-Instruct');
    expect(found.model.id).toBe('lmms-lab/LLaVA-OneVision-2-8B-Instruct');
    expect(found.renamedFrom).toBe('lmms-lab-encoder/LLaVA-OneVision-2-8B-Instruct');
  });

  it('gives the nearest spelling of a model and the whole list', () => {
    const error = errorOf(() => findModel(catalog, 'lmms-lab/LLaVA-OneVision-1.5-4B-Insturct'));
    expect(error.code).toBe('E_MODEL_UNKNOWN');
    expect(error.message).toContain('Did you mean "lmms-lab/LLaVA-OneVision-1.5-4B-Instruct"?');
    expect(error.problems[0]?.allowed).toContain('HuggingFaceTB/SmolLM2-135M-Instruct-GGUF');
  });

  it.each([
    ['E_ENGINE_UNKNOWN', 'vllm-onevison', 'vllm-onevision', () => findEngine(catalog, 'vllm-onevison')],
    ['E_GPU_UNKNOWN', 'L40SS', 'l40s', () => findGpu(catalog, 'L40SS')],
    ['E_REGION_UNKNOWN', 'us-east1', 'us-east-1', () => findRegion(catalog, 'us-east1')],
    ['E_SERVICE_UNKNOWN', 'nat-gateway', 'nat-gateway-gb', () => findService(catalog, 'nat-gateway')],
    ['E_FAMILY_UNKNOWN', 'g6x', 'g6', () => instancesOf(catalog, ['g6x'])],
    ['E_FAMILY_UNKNOWN', 'g6.xxlarge', 'g6.xlarge', () => instancesOf(catalog, ['g6.xxlarge'])],
  ])('%s for "%s" names "%s"', (code, typed, near, work) => {
    const error = errorOf(work);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`"${typed}"`);
    expect(error.message).toContain(`Did you mean "${near}`);
  });
});

describe('instance types of families and names', () => {
  it('takes families and types together, each type once', () => {
    const types = instancesOf(catalog, ['g6.xlarge', 'g6', 'g6e.xlarge']).map((instance) => instance.type);
    expect(types).toHaveLength(9);
    expect(new Set(types).size).toBe(9);
    expect(types).toContain('g6e.xlarge');
  });

  it('does not take g6 for g6e', () => {
    expect(instancesOf(catalog, ['g6']).every((instance) => instance.family === 'g6')).toBe(true);
  });

  it('reports every unknown name', () => {
    expect(errorOf(() => instancesOf(catalog, ['g99', 'g6', 'h1'])).problems).toHaveLength(2);
  });

  it('gives exactly what was asked for, in the order of the catalogue, for any choice of names', () => {
    const names = [...new Set(catalog.instances.flatMap((instance) => [instance.family, instance.type]))];
    fc.assert(
      fc.property(fc.subarray(names), (wanted) => {
        const found = instancesOf(catalog, wanted);
        const expected = catalog.instances.filter((instance) => wanted.includes(instance.family) || wanted.includes(instance.type));
        expect(found).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
