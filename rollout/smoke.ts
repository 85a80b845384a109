import { performance } from 'node:perf_hooks';

/** An answer of a chat completion as it came. */
export interface StreamedAnswer {
  readonly text: string;
  readonly timeToFirstTokenMs: number;
  /** Output tokens after the first, per second; null for an answer of one token. */
  readonly outputTokensPerSecond: number | null;
  readonly outputTokens: number;
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly completion_tokens?: number } | null;
  readonly error?: { readonly message?: string };
}

/** Reads the server-sent events of a chat completion and measures them. @throws Error for an answer that is none */
export async function readAnswer(pieces: AsyncIterable<string>, now: () => number = () => performance.now()): Promise<StreamedAnswer> {
  const started = now();
  let first: number | undefined;
  let last = started;
  let text = '';
  let contents = 0;
  let counted: number | undefined;
  for await (const chunk of chunksOf(pieces)) {
    if (chunk.error) throw new Error(chunk.error.message ?? 'the engine answered with an error');
    counted = chunk.usage?.completion_tokens ?? counted;
    const content = chunk.choices?.[0]?.delta?.content;
    if (!content) continue;
    last = now();
    first ??= last;
    contents += 1;
    text += content;
  }
  if (first === undefined) throw new Error('the engine answered without any text');
  const outputTokens = counted ?? contents;
  const seconds = (last - first) / 1000;
  const outputTokensPerSecond = outputTokens > 1 && seconds > 0 ? (outputTokens - 1) / seconds : null;
  return { text, timeToFirstTokenMs: first - started, outputTokensPerSecond, outputTokens };
}

async function* chunksOf(pieces: AsyncIterable<string>): AsyncIterable<Chunk> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = /^data: ?(.*)$/.exec(line.trim())?.[1];
      if (data !== undefined && data !== '[DONE]') yield JSON.parse(data) as Chunk;
    }
  }
}
