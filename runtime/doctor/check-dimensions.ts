import type { Check } from './facts';
import { finding, type RuntimeFinding } from './finding';
import { at, integerAt, isObject } from './json-access';

const FILE = 'config.json';
const TEXT_COUNTS = [
  'vocab_size',
  'hidden_size',
  'intermediate_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
] as const;
const VISION_COUNTS = ['depth', 'hidden_size', 'intermediate_size', 'num_heads', 'patch_size', 'spatial_merge_size'] as const;
/** What the tower and the language model of the plugin implement; another value would compute something else. */
const FIXED: readonly (readonly [section: string, key: string, value: unknown])[] = [
  ['text_config', 'hidden_act', 'silu'],
  ['text_config', 'attention_bias', false],
  ['text_config', 'use_sliding_window', false],
  ['vision_config', 'hidden_act', 'gelu'],
];

/** Are the dimensions there, and do they fit each other? */
export const checkDimensions: Check = ({ files }) => {
  if (!files || !isObject(at(files.config, 'vision_config'))) return [];
  const { config } = files;
  const missing = [
    ...TEXT_COUNTS.filter((key) => !isCount(at(config, 'text_config', key))).map((key) => `text_config.${key}`),
    ...VISION_COUNTS.filter((key) => !isCount(at(config, 'vision_config', key))).map((key) => `vision_config.${key}`),
  ];
  const findings: RuntimeFinding[] = [];
  if (missing.length > 0) {
    const message = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or not a whole number of at least 1.`;
    findings.push(finding('OVK-RUN-004', 'refused', message, 'take config.json from the model repository again.', FILE));
  }
  for (const [section, key, value] of FIXED) {
    const found = at(config, section, key);
    if (found !== undefined && found !== value) {
      findings.push(
        finding(
          'OVK-RUN-004',
          'refused',
          `${section}.${key} is ${JSON.stringify(found)}; the runtime implements ${JSON.stringify(value)} only.`,
          'this is another model: use an engine of its own.',
          FILE,
        ),
      );
    }
  }
  return [...findings, ...misfits(config), ...rope(config)];
};

/** Pairs that must be equal or divide each other. */
function misfits(config: unknown): readonly RuntimeFinding[] {
  const text = (key: string) => integerAt(config, 'text_config', key);
  const vision = (key: string) => integerAt(config, 'vision_config', key);
  const wrong: string[] = [];
  const different = (a: number | undefined, b: number | undefined, says: string): void => {
    if (a !== undefined && b !== undefined && a !== b) wrong.push(`${says} (${a} and ${b})`);
  };
  const indivisible = (a: number | undefined, b: number | undefined, says: string): void => {
    if (a !== undefined && b !== undefined && b > 0 && a % b !== 0) wrong.push(`${says} (${a} and ${b})`);
  };
  different(vision('text_hidden_size'), text('hidden_size'), 'vision_config.text_hidden_size is not text_config.hidden_size');
  different(vision('embed_dim'), vision('hidden_size'), 'vision_config.embed_dim is not vision_config.hidden_size');
  different(integerAt(config, 'vocab_size'), text('vocab_size'), 'vocab_size is not text_config.vocab_size');
  indivisible(
    text('num_attention_heads'),
    text('num_key_value_heads'),
    'text_config.num_key_value_heads does not divide num_attention_heads',
  );
  indivisible(vision('hidden_size'), vision('num_heads'), 'vision_config.num_heads does not divide hidden_size');
  return wrong.map((message) =>
    finding('OVK-RUN-004', 'refused', `${message}.`, 'take config.json from the model repository again.', FILE),
  );
}

/** Without rope_theta an engine takes a default, and 4B (5e6) and 8B (1e6) differ: positions would be wrong in silence. */
function rope(config: unknown): readonly RuntimeFinding[] {
  const theta = at(config, 'text_config', 'rope_theta');
  if (typeof theta === 'number' && theta > 0) return [];
  return [
    finding(
      'OVK-RUN-020',
      'refused',
      `text_config.rope_theta is ${theta === undefined ? 'missing' : JSON.stringify(theta)}: an engine would take a default, and 4B and 8B differ.`,
      'write the value of the published config.json (4B 5000000, 8B 1000000).',
      FILE,
    ),
  ];
}

/** Head sizes for which the engine has attention kernels. */
export const checkHeadDim: Check = ({ engine, engineFacts, model, files }) => {
  if (!engineFacts) return [];
  const { config } = files ?? {};
  const hidden = integerAt(config, 'text_config', 'hidden_size');
  const heads = integerAt(config, 'text_config', 'num_attention_heads');
  const size = files
    ? (integerAt(config, 'text_config', 'head_dim') ?? (hidden !== undefined && heads ? hidden / heads : undefined))
    : model?.text.headDim;
  const findings: RuntimeFinding[] = [];
  if (size !== undefined && !engineFacts.headDims.includes(size)) {
    const message = `attention heads of ${size} values: ${engine.name} has no kernel for them. It takes ${engineFacts.headDims.join(', ')}.`;
    findings.push(
      finding('OVK-RUN-005', 'refused', message, 'no setting helps; use a model with one of these sizes.', files ? FILE : null),
    );
  }
  const width = integerAt(config, 'vision_config', 'hidden_size');
  const towerHeads = integerAt(config, 'vision_config', 'num_heads');
  const towerSize = width !== undefined && towerHeads ? width / towerHeads : undefined;
  if (towerSize !== undefined && Number.isInteger(towerSize) && towerSize % 4 !== 0) {
    const message = `the vision tower has heads of ${towerSize} values; its two-dimensional positions need a multiple of 4.`;
    findings.push(finding('OVK-RUN-005', 'refused', message, 'no setting helps; this is another tower.', FILE));
  }
  return findings;
};

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
