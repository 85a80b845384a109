import type { Check } from './facts';
import { finding, type RuntimeFinding } from './finding';
import { at, integerAt, isObject, textAt } from './json-access';
import type { ModelFiles } from './model-files';

/** Fields of config.json that name a token, and the text of that token in the vocabulary (Qwen's names). */
const TOKENS: readonly (readonly [field: string, token: string])[] = [
  ['image_token_id', '<|image_pad|>'],
  ['video_token_id', '<|video_pad|>'],
  ['vision_start_token_id', '<|vision_start|>'],
  ['vision_end_token_id', '<|vision_end|>'],
];
const IMAGE_FIELD = 'image_token_id';
const IMAGE_TOKEN = '<|image_pad|>';
const VISION_START = '<|vision_start|>';

/** Do configuration and tokenizer mean the same tokens? A wrong id puts the image where no image belongs, without any error. */
export const checkTokens: Check = ({ files }) => {
  if (!files || !isObject(at(files.config, 'vision_config'))) return [];
  const vocabulary = tokenIds(files);
  const vocabSize = integerAt(files.config, 'text_config', 'vocab_size');
  const findings: RuntimeFinding[] = [];
  for (const [field, token] of TOKENS) {
    const id = integerAt(files.config, field);
    const own = vocabulary.get(token);
    if (id === undefined) {
      if (field === IMAGE_FIELD)
        findings.push(wrong(`${field} is missing: nothing says where an image stands.`, `write the id of ${token}.`));
      continue;
    }
    if (vocabSize !== undefined && (id < 0 || id >= vocabSize)) {
      findings.push(wrong(`${field} is ${id}, outside of the vocabulary of ${vocabSize} tokens.`, `write the id of ${token}.`));
    } else if (vocabulary.size > 0 && own === undefined) {
      findings.push(
        wrong(`the tokenizer has no ${token}, which ${field} stands for.`, 'take config and tokenizer from the same revision.'),
      );
    } else if (own !== undefined && own !== id) {
      findings.push(
        wrong(`${field} is ${id} and the tokenizer's ${token} is ${own}.`, 'take config and tokenizer from the same revision.'),
      );
    }
  }
  return [...findings, ...endOfAnswer(files, vocabulary)];
};

/** The template turns a conversation into a prompt; without the image's place in it, the image never reaches the model. */
export const checkChatTemplate: Check = ({ files }) => {
  if (!files) return [];
  const { chatTemplate } = files;
  if (chatTemplate === null) {
    const message = 'there is no chat template: chat requests would be refused.';
    return [finding('OVK-RUN-011', 'refused', message, 'take chat_template.jinja from the model repository, or pass --chat-template.')];
  }
  const lacking = [VISION_START, IMAGE_TOKEN].filter((token) => !chatTemplate.text.includes(token));
  if (lacking.length === 0) return [];
  const message = `the chat template writes no ${lacking.join(' and no ')}: an image would never reach the model.`;
  return [finding('OVK-RUN-011', 'refused', message, 'take chat_template.jinja from the model repository again.', chatTemplate.file)];
};

/** The answer ends where the tokenizer says, or it runs on to the token limit. */
function endOfAnswer(files: ModelFiles, vocabulary: ReadonlyMap<string, number>): readonly RuntimeFinding[] {
  const found = files.generation.state === 'read' ? at(files.generation.value, 'eos_token_id') : at(files.config, 'eos_token_id');
  const ids = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found];
  const eos = files.tokenizerConfig.state === 'read' ? files.tokenizerConfig.value.eos_token : undefined;
  const text = typeof eos === 'string' ? eos : textAt(eos, 'content');
  const own = text === undefined ? undefined : vocabulary.get(text);
  if (own === undefined) return [];
  const file = files.generation.state === 'read' ? files.generation.file : 'config.json';
  if (ids.length === 0) {
    const message = `no eos_token_id: answers would run to their token limit. The tokenizer ends with ${text} (${own}).`;
    return [finding('OVK-RUN-010', 'refused', message, `write "eos_token_id": ${own}.`, file)];
  }
  if (ids.includes(own)) return [];
  return [
    finding(
      'OVK-RUN-010',
      'refused',
      `eos_token_id is ${ids.join(', ')} and the tokenizer ends with ${text}, ${own}.`,
      `add ${own} to eos_token_id.`,
      file,
    ),
  ];
}

/** Special tokens and their ids, from tokenizer.json and tokenizer_config.json; empty when neither could be read. */
function tokenIds({ tokenizer, tokenizerConfig }: ModelFiles): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const decoder = tokenizerConfig.state === 'read' ? at(tokenizerConfig.value, 'added_tokens_decoder') : undefined;
  for (const [id, token] of Object.entries(isObject(decoder) ? decoder : {})) {
    const content = textAt(token, 'content');
    if (content !== undefined && /^\d+$/.test(id)) ids.set(content, Number(id));
  }
  const added = tokenizer.state === 'read' ? at(tokenizer.value, 'added_tokens') : undefined;
  for (const token of Array.isArray(added) ? added : []) {
    const [content, id] = [textAt(token, 'content'), integerAt(token, 'id')];
    if (content !== undefined && id !== undefined) ids.set(content, id);
  }
  return ids;
}

function wrong(message: string, closes: string): RuntimeFinding {
  return finding('OVK-RUN-010', 'refused', message, closes, 'config.json');
}
