import type { ChartValues } from './chart-values';

/** What a kind of engine needs from its pod, beyond the arguments of the plan. */
export interface EngineProfile {
  /** Program that the container starts; a binary on the nodes takes its place. */
  readonly command: readonly string[];
  /** Size of /dev/shm in MiB; 0 for engines that do not use it. */
  readonly sharedMemoryMib: number;
  /** File in the weights folder that the engine opens; empty when it reads the folder. */
  readonly weightsFile: string;
  /** Image projector beside it. */
  readonly projectorFile: string;
  /** Arguments that the chart writes itself, since they say where the pod listens and what it reads. */
  readonly ownedArgs: readonly string[];
}

export const ENGINE_PROFILES: Readonly<Record<ChartValues['engine']['kind'], EngineProfile>> = {
  vllm: {
    // the module form takes --model as a flag, so that an admission policy finds the served path by its name
    command: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
    // vLLM's Kubernetes guide, 2 Gi; it counts against the memory limit of the pod
    sharedMemoryMib: 2048,
    weightsFile: '',
    projectorFile: '',
    ownedArgs: ['--host', '--port', '--model', '--served-model-name', '--allowed-media-domains', '--api-key'],
  },
  'llama.cpp': {
    // place of the binary in the images that llama.cpp publishes
    command: ['/app/llama-server'],
    sharedMemoryMib: 0,
    weightsFile: 'model.gguf',
    projectorFile: 'mmproj.gguf',
    ownedArgs: ['--host', '--port', '--model', '-m', '--alias', '-a', '--mmproj', '--api-key', '--api-key-file'],
  },
};
