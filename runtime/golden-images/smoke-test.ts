import { checkAnswer } from './check-answer';
import { type GoldenQuestion, goldenImageBytes, loadGoldenImages } from './questions';

/** What a model that works must be able to say without seeing anything. */
const TEXT_QUESTION: GoldenQuestion = {
  id: 'capital',
  // without the second sentence the small model answers otherwise on some processors: its first token is a near tie
  ask: 'What is the capital of France? Answer with one word.',
  expect: { allOf: [['paris']], noneOf: [] },
};
const TEXT_ANSWER_TOKENS = 32;
/** Output tokens that are enough to tell their rate. */
const MEASURED_TOKENS = 32;
/** One of these words is about one token of every vocabulary in use. */
const FILLER = 'the puppet walks across the stage and waves to the children in the first row while the band plays';

/** Size of a request as planned. */
export interface PlannedRequest {
  readonly imageTokens: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/**
 * A question with a known answer, about a golden image where the model sees and in text where it does not, and a request of about the planned
 * size to measure.
 */
export function smokeTest(request: PlannedRequest) {
  const images = request.imageTokens > 0 ? loadGoldenImages() : undefined;
  const image = images?.images[0];
  const question = image?.questions[0] ?? TEXT_QUESTION;
  const picture = image ? [{ type: 'image_url', image_url: { url: dataUrl(goldenImageBytes(image)) } }] : [];
  const ask = (text: string) => [{ role: 'user', content: picture.length > 0 ? [...picture, { type: 'text', text }] : text }];
  return {
    label: image ? `${image.file}: ${question.ask}` : question.ask,
    messages: ask(question.ask),
    maxTokens: images?.maxAnswerTokens ?? TEXT_ANSWER_TOKENS,
    check: (answer: string) => checkAnswer(question, answer),
    load: { messages: ask(filler(request.promptTokens)), maxTokens: Math.min(request.outputTokens, MEASURED_TOKENS) },
  };
}

function filler(tokens: number): string {
  const words = FILLER.split(' ');
  return `${Array.from({ length: Math.max(1, tokens - words.length) }, (_, index) => words[index % words.length]).join(' ')}. Go on with this story.`;
}

function dataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
