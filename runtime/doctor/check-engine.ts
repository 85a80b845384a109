import type { Check } from './facts';
import { finding } from './finding';
import { at, isObject, textAt, textsAt } from './json-access';
import { inRange, inSeries } from './version-range';

/** Does this version of the engine count as known, and does it know the architecture? */
export const checkEngine: Check = ({ engine, engineVersion, engineFacts, model, files }) => {
  const architectures = files ? textsAt(files.config, 'architectures') : model ? [model.architecture] : [];
  const file = files ? 'config.json' : null;
  const known = architectures.filter((name) => engine.architectures.includes(name));
  const version =
    engineFacts && !inSeries(engineVersion, engineFacts.series)
      ? [
          finding(
            'OVK-RUN-001',
            'refused',
            `${engine.name} is proven on release series ${engineFacts.series}, not on ${engineVersion}.`,
            `use ${engine.version}, or prove the runtime on ${engineVersion} first.`,
          ),
        ]
      : [];
  if (known.length > 0) return version;
  const given = architectures.length > 0 ? architectures.join(', ') : 'no architecture at all';
  const closes = `use an engine that serves it (${engine.name} ${engine.version} serves ${engine.architectures.join(', ')}).`;
  return [
    ...version,
    finding('OVK-RUN-002', 'refused', `${engine.name} does not know ${given}: it would stop at its start.`, closes, file),
  ];
};

/** A language model alone would serve, and answer questions about pictures that it never saw. */
export const checkVision: Check = ({ files, model }) => {
  const textOnly = files ? !isObject(at(files.config, 'vision_config')) : model?.vision === null;
  if (!textOnly) return [];
  const what = files ? 'config.json has no vision_config' : 'the catalogue knows no vision tower of it';
  return [
    finding(
      'OVK-RUN-003',
      'refused',
      `this is a text-only model: ${what}.`,
      'take the whole vision-language model, not its language part.',
      files ? 'config.json' : null,
    ),
  ];
};

/** transformers 5 loads the model's own Python code and answers garbage without an error (EvolvingLMMs-Lab/LLaVA-OneVision-2#108). */
export const checkTransformers: Check = ({ engine, engineFacts, transformersRange: range, files }) => {
  const findings = [];
  if (engineFacts?.runsRemoteCode && range !== null) {
    findings.push(
      finding(
        'OVK-RUN-013',
        'refused',
        `${engine.name} installs transformers ${engineFacts.transformers}, and the model's Python code answers rightly only with ${range}.`,
        'use vllm-onevision, which runs none of that code.',
      ),
    );
  }
  const saved = files && textAt(files.config, 'transformers_version');
  if (files && saved === undefined) {
    findings.push(finding('OVK-RUN-013', 'note', 'config.json does not say which version of transformers wrote it.', null, 'config.json'));
  } else if (saved && range !== null && !inRange(saved, range)) {
    findings.push(
      finding(
        'OVK-RUN-013',
        'unknown',
        `the folder was written by transformers ${saved}; the model is known with ${range}, and later versions rename settings.`,
        'compare config.json with the published one, or take the published files.',
        'config.json',
      ),
    );
  }
  return findings;
};
