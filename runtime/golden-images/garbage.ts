/** Longest answer, in characters, to a question that asks for a word or a short sentence; 32 tokens are about 130. */
const MAX_CHARACTERS = 600;
/** Share of letters, digits, spaces and plain punctuation below which a text is no sentence. */
const MIN_READABLE_SHARE = 0.85;
/** From this many words on, a text must vary. */
const REPETITION_FROM_WORDS = 8;
const MAX_SHARE_OF_ONE_WORD = 0.5;
const MIN_DISTINCT_SHARE = 0.3;
const MAX_RUN_OF_ONE_CHARACTER = 6;
/** A word of this length is not English. */
const MAX_WORD_LENGTH = 30;

/** Why a text is no answer whatever was asked: empty, endless, repeating itself, or unreadable. Undefined when it reads like one. */
export function garbageReason(answer: string): string | undefined {
  const text = answer.trim();
  if (text === '') return 'the answer is empty';
  if (text.length > MAX_CHARACTERS) return `the answer has ${text.length} characters; it does not end`;
  if (/<\|[a-z_]+\|>/i.test(text)) return 'the answer holds special tokens of the tokenizer';
  if (text.includes('\ufffd')) return 'the answer holds bytes that are no text';
  if (new RegExp(`(\\S)\\1{${MAX_RUN_OF_ONE_CHARACTER - 1}}`, 'u').test(text)) return 'the answer repeats one character';
  const readable = text.match(/[\p{Script=Latin}\p{N}\s.,;:!?'"’“”()-]/gu)?.length ?? 0;
  if (readable / [...text].length < MIN_READABLE_SHARE) return 'the answer is mostly not Latin letters';
  return repetition(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function repetition(words: readonly string[]): string | undefined {
  if (words.length === 0) return 'the answer has no words';
  if (words.some((word) => word.length > MAX_WORD_LENGTH)) return 'the answer holds a word without end';
  if (words.length < REPETITION_FROM_WORDS) return undefined;
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (most / words.length > MAX_SHARE_OF_ONE_WORD || counts.size / words.length < MIN_DISTINCT_SHARE) return 'the answer repeats itself';
  return undefined;
}
