/** Where the parts of a repository on GitHub lie, by repository and the word after `#`. */
export const GITHUB_PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'EvolvingLMMs-Lab/LLaVA-OneVision-2': {
    aiak_megatron: 'aiak_megatron',
    quick_start: 'examples/llava_ov_1_5/quick_start',
    'stage-1-alignment': 'examples/llava_ov_1_5/stage_1_alignment.sh',
    'stage-1.5-mid-training': 'examples/llava_ov_1_5/stage_1.5_mid_training.sh',
  },
};

/** Instructions that a recipe has at least; a script of one `echo` trains nothing. */
const MIN_INSTRUCTIONS = 2;

/** Whether a script or a configuration is only a promise of one: nothing but comments, or "# coming". */
export function isStub(text: string): boolean {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:#|\/\/|--|""")/.test(line));
  return lines.length < MIN_INSTRUCTIONS || lines.every((line) => /^(?:echo|print)\b|\b(?:coming soon|to be released|tbd)\b/i.test(line));
}
