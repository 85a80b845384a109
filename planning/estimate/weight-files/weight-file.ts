import type { HfConfig } from '../hf-config';

export interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly elements: number;
  readonly bytes: number;
}

/** What the header of a weight file says. */
export interface WeightFile {
  readonly format: 'safetensors' | 'gguf';
  readonly name: string;
  readonly fileBytes: number;
  readonly tensors: readonly Tensor[];
  /** The shape of the model, which a GGUF carries itself. */
  readonly config: HfConfig | null;
}

/**
 * Bytes that an engine loads of such files: a GGUF as it is; of safetensors the tensors, with 32-bit floats halved when the model is
 * served in 16 bit.
 */
export function loadedBytes(files: readonly WeightFile[], in16Bit: boolean): number {
  return files.reduce((total, file) => total + (file.format === 'gguf' ? file.fileBytes : tensorBytes(file, in16Bit)), 0);
}

function tensorBytes({ tensors }: WeightFile, in16Bit: boolean): number {
  return tensors.reduce((total, { type, bytes }) => total + (in16Bit && type === 'F32' ? bytes / 2 : bytes), 0);
}
