import type { ChartValues } from './chart-values';

/** Domain that cannot exist, for an engine that may fetch no images: an empty list would allow every domain. */
const NO_DOMAIN = 'onevision-kit.invalid';

/** Path that the engine serves: `--model` of its arguments. */
export function modelPath({ engine, weights }: Pick<ChartValues, 'engine' | 'weights'>): string {
  const folder = `${weights.mountPath}/${weights.folder}`;
  return engine.kind === 'vllm' ? folder : `${folder}/${weights.file}`;
}

/** Path of the projector; empty without one. */
export function projectorPath({ engine, weights }: Pick<ChartValues, 'engine' | 'weights'>): string {
  return engine.kind === 'llama.cpp' && weights.projectorFile !== ''
    ? `${weights.mountPath}/${weights.folder}/${weights.projectorFile}`
    : '';
}

/** All arguments of the engine's container: the rule `onevision.args` of the chart, which a test compares with what Helm renders. */
export function engineArgs(values: Pick<ChartValues, 'engine' | 'weights' | 'model' | 'proxy'>): readonly string[] {
  const { engine, model, proxy } = values;
  const where = ['--host', proxy.enabled ? '127.0.0.1' : '0.0.0.0', '--port', String(engine.port), '--model', modelPath(values)];
  if (engine.kind === 'vllm') return [...where, '--served-model-name', model.id, '--allowed-media-domains', NO_DOMAIN, ...engine.args];
  const projector = projectorPath(values);
  return [...where, '--alias', model.id, ...(projector === '' ? [] : ['--mmproj', projector]), ...engine.args];
}
