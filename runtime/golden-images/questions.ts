import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';

const words = z.array(z.string().regex(/^[a-z0-9]+$/, 'must be one word in lower case'));

const QuestionSchema = z.strictObject({
  id: z.string().min(1),
  ask: z.string().min(1),
  expect: z.strictObject({
    /** One word of each group must be in the answer. */
    allOf: z.array(words.min(1)).min(1),
    /** None of these may be. */
    noneOf: words.default([]),
  }),
});
export type GoldenQuestion = Readonly<z.infer<typeof QuestionSchema>>;

const ImageSchema = z.strictObject({
  file: z.string().regex(/^[a-z-]+\.png$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  widthPx: z.int().positive(),
  heightPx: z.int().positive(),
  shows: z.string().min(1),
  questions: z.array(QuestionSchema).min(1),
});

const QuestionsSchema = z.strictObject({
  licence: z.literal('CC0-1.0'),
  maxAnswerTokens: z.int().positive(),
  images: z.array(ImageSchema).min(1),
});
export type GoldenImages = Readonly<z.infer<typeof QuestionsSchema>>;

/** Folder of the pictures and of questions.json. */
export const goldenImagesFolder = (): string => fromRoot('runtimes', 'golden-images');

/** The pictures with their questions, as questions.json of the folder says. @throws Error when the file is missing or malformed */
export function loadGoldenImages(folder: string = goldenImagesFolder()): GoldenImages {
  return QuestionsSchema.parse(JSON.parse(readFileSync(join(folder, 'questions.json'), 'utf8')));
}

/** Bytes of a picture. @throws Error when they are not the ones that the questions were written for */
export function goldenImageBytes(image: GoldenImages['images'][number], folder: string = goldenImagesFolder()): Uint8Array {
  const bytes = readFileSync(join(folder, image.file));
  const found = sha256Hex(bytes);
  if (found !== image.sha256) throw new Error(`${image.file} has the SHA-256 ${found}, questions.json says ${image.sha256}`);
  return bytes;
}
