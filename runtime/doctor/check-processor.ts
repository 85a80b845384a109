import type { Check } from './facts';
import { finding, type RuntimeFinding } from './finding';
import { integerAt, textAt } from './json-access';
import type { Companion, ModelFiles } from './model-files';

/** The model takes single images: two frames per patch, as in Qwen2.5-VL, would halve or double the patches. */
const TEMPORAL_PATCH_SIZE = 1;
const FAST_PROCESSOR = 'Qwen2VLImageProcessorFast';
const KNOWN_PROCESSORS = ['Qwen2VLImageProcessor', FAST_PROCESSOR];

/** Are the settings of the image processor there, and are they this model's? */
export const checkProcessor: Check = ({ engine, engineFacts, model, files }) => {
  if (!files)
    return model?.vision && model.vision.temporalPatchSize !== TEMPORAL_PATCH_SIZE ? [temporal(model.vision.temporalPatchSize, null)] : [];
  const { preprocessor } = files;
  const found = integerAt(files.config, 'vision_config', 'temporal_patch_size');
  const ofTower = found !== undefined && found !== TEMPORAL_PATCH_SIZE ? [temporal(found, 'config.json')] : [];
  if (preprocessor.state !== 'read') return ofTower;
  return [
    ...ofTower,
    ...ofProcessor(preprocessor, files),
    ...pixelLimits(preprocessor, engine.kind === 'vllm'),
    ...processorClass(preprocessor, engineFacts?.loadsFastProcessor ?? false),
  ];
};

type ReadCompanion = Extract<Companion, { state: 'read' }>;

function ofProcessor({ file, value }: ReadCompanion, { config }: ModelFiles): readonly RuntimeFinding[] {
  const findings: RuntimeFinding[] = [];
  const frames = integerAt(value, 'temporal_patch_size');
  if (frames === undefined) {
    const message = `temporal_patch_size is missing: the processor would take Qwen2-VL's default, 2, and the model needs ${TEMPORAL_PATCH_SIZE}.`;
    findings.push(finding('OVK-RUN-006', 'refused', message, `write "temporal_patch_size": ${TEMPORAL_PATCH_SIZE}.`, file));
  } else if (frames !== TEMPORAL_PATCH_SIZE) findings.push(temporal(frames, file));
  const pairs = [
    ['patch_size', 'patch_size'],
    ['merge_size', 'spatial_merge_size'],
  ] as const;
  for (const [own, tower] of pairs) {
    const [a, b] = [integerAt(value, own), integerAt(config, 'vision_config', tower)];
    if (a !== undefined && b !== undefined && a !== b) {
      const message = `${own} is ${a} and vision_config.${tower} in config.json is ${b}: images would be cut into the wrong patches.`;
      findings.push(finding('OVK-RUN-004', 'refused', message, 'take both files from the same revision of the model.', file));
    }
  }
  return findings;
}

/** `min_pixels` and `max_pixels`, or `size` with the two edges, which are pixel counts in spite of their names. */
function pixelLimits({ file, value }: ReadCompanion, kitSetsThem: boolean): readonly RuntimeFinding[] {
  const least = integerAt(value, 'min_pixels') ?? integerAt(value, 'size', 'shortest_edge');
  const most = integerAt(value, 'max_pixels') ?? integerAt(value, 'size', 'longest_edge');
  if (least === undefined || most === undefined) {
    const message = `${least === undefined ? 'min_pixels' : 'max_pixels'} is not set: the default of a library decides how many tokens an image costs.`;
    return [
      kitSetsThem
        ? finding('OVK-RUN-007', 'warning', message, 'keep --mm-processor-kwargs of the plan, which sets both.', file)
        : finding('OVK-RUN-007', 'refused', message, 'write both limits.', file),
    ];
  }
  if (least > 0 && least <= most) return [];
  return [
    finding(
      'OVK-RUN-007',
      'refused',
      `min_pixels ${least} and max_pixels ${most} leave no size for an image.`,
      'write limits with 0 < min_pixels <= max_pixels.',
      file,
    ),
  ];
}

function processorClass({ file, value }: ReadCompanion, loadsFast: boolean): readonly RuntimeFinding[] {
  const name = textAt(value, 'image_processor_type');
  if (name === undefined) {
    return [
      finding(
        'OVK-RUN-008',
        'refused',
        'image_processor_type is not set, so no image processor loads.',
        'take the file from the model repository again.',
        file,
      ),
    ];
  }
  if (!KNOWN_PROCESSORS.includes(name)) {
    const message = `image_processor_type is ${name}; the model was trained with ${KNOWN_PROCESSORS[0]}.`;
    return [finding('OVK-RUN-008', 'refused', message, `write ${KNOWN_PROCESSORS[0]}, or use an engine of that model.`, file)];
  }
  if (name !== FAST_PROCESSOR) return [];
  return loadsFast
    ? [
        finding(
          'OVK-RUN-008',
          'warning',
          `${FAST_PROCESSOR} resizes with torchvision: pixel values differ by up to 1.5e-2 from the PIL path that the answers were compared with.`,
          'write Qwen2VLImageProcessor to get the PIL path.',
          file,
        ),
      ]
    : [
        finding(
          'OVK-RUN-008',
          'refused',
          `${FAST_PROCESSOR} breaks the loading of the processor on this engine.`,
          'use vllm-onevision, or write Qwen2VLImageProcessor.',
          file,
        ),
      ];
}

function temporal(found: number, file: string | null): RuntimeFinding {
  const message = `temporal_patch_size is ${found}; LLaVA-OneVision-1.5 needs ${TEMPORAL_PATCH_SIZE}. The default of Qwen2.5-VL slipped in.`;
  return finding(
    'OVK-RUN-006',
    'refused',
    message,
    `write "temporal_patch_size": ${TEMPORAL_PATCH_SIZE}, or use an engine of the other model.`,
    file,
  );
}

/** Files that an engine cannot do without, when they are missing or broken. */
export const checkCompanions: Check = ({ files }) => {
  if (!files) return [];
  const needed = [files.preprocessor, files.tokenizerConfig, files.tokenizer];
  const wrong = [...needed, files.generation].filter((each) => each.state !== 'read');
  return wrong.map((each) => {
    const reason = each.state === 'broken' ? `${each.file} ${each.reason}.` : `${each.file} is missing.`;
    const slowTokenizer = each.file === 'tokenizer.json' && each.state === 'missing' && files.names.includes('vocab.json');
    const level = slowTokenizer ? 'warning' : needed.includes(each) || each.state === 'broken' ? 'refused' : 'note';
    return finding('OVK-RUN-018', level, reason, level === 'note' ? null : 'take the file from the model repository again.', each.file);
  });
};
