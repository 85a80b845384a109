import type { Precision } from '../../release/schema';
import type { HfConfig, Quantization } from './hf-config';

/** How a `config.json` says that the weights are stored: not at all, in a precision of the kit, or in a way that the formulas do not know. */
export type StoredPrecision =
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'known'; readonly precision: Precision }
  | { readonly kind: 'unmodelled'; readonly reason: string };

/** Reads `quantization_config`. Source: transformers quantizers, and what vLLM calls each method. */
export function storedPrecision({ quantization }: Pick<HfConfig, 'quantization'>): StoredPrecision {
  if (!quantization) return { kind: 'unsaid' };
  const { quant_method: method, bits } = quantization;
  // gpt-oss keeps the type of its experts with its family.
  if (method === 'mxfp4') return { kind: 'unsaid' };
  const found = METHODS.get(method ?? '')?.(quantization);
  if (found) return { kind: 'known', precision: found };
  const width = bits === undefined ? '' : ` in ${bits} bits`;
  return {
    kind: 'unmodelled',
    reason: `its weights are stored by "${method ?? 'no named method'}"${width}, which the formulas do not describe`,
  };
}

const METHODS = new Map<string, (quantization: Quantization) => Precision | undefined>([
  ['awq', ({ bits = 4 }) => (bits === 4 ? 'awq-int4' : undefined)],
  ['gptq', ({ bits }) => (bits === 4 ? 'gptq-int4' : bits === 8 ? 'int8' : undefined)],
  ['fp8', () => 'fp8'],
  ['fbgemm_fp8', () => 'fp8'],
  ['modelopt', ({ quant_algo: algo }) => (algo === 'FP8' ? 'fp8' : undefined)],
  [
    'compressed-tensors',
    ({ config_groups: groups = {} }) => {
      const types = Object.values(groups).map(({ weights }) => `${weights?.type ?? 'none'} ${weights?.num_bits ?? 0}`);
      return new Set(types).size === 1 ? COMPRESSED.get(types[0] ?? '') : undefined;
    },
  ],
]);

/** Type and bits of the weights of compressed-tensors; its 4-bit integers are packed as GPTQ's. */
const COMPRESSED = new Map<string, Precision>([
  ['float 8', 'fp8'],
  ['int 8', 'int8'],
  ['int 4', 'gptq-int4'],
]);
