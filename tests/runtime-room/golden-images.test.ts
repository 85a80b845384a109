import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswer } from '../../runtime/golden-images/check-answer';
import { garbageReason } from '../../runtime/golden-images/garbage';
import { goldenImageBytes, goldenImagesFolder, loadGoldenImages } from '../../runtime/golden-images/questions';
import { temporaryFolder } from './support';

const kit = loadGoldenImages();
const question = (file: string, id: string) => {
  const found = kit.images.find((image) => image.file === file)?.questions.find((each) => each.id === id);
  if (!found) throw new Error(`no question ${file} ${id}`);
  return found;
};

describe('the golden images', () => {
  it('are the files that the questions were written for, and no others', () => {
    const pictures = readdirSync(goldenImagesFolder()).filter((name) => name.endsWith('.png'));
    expect(kit.images.map((image) => image.file).sort()).toEqual(pictures.sort());
    for (const image of kit.images) expect(goldenImageBytes(image).length).toBeGreaterThan(1000);
  });

  it('are what the script draws, pixel by pixel', () => {
    const folder = temporaryFolder();
    execFileSync(process.execPath, [join(goldenImagesFolder(), 'draw.mjs'), folder]);
    for (const image of kit.images) {
      const drawn = pixelsOf(readFileSync(join(folder, image.file)));
      expect(drawn.equals(pixelsOf(Buffer.from(goldenImageBytes(image)))), image.file).toBe(true);
    }
  });

  it('have sides that the processor of the model does not resize', () => {
    for (const image of kit.images) {
      const header = Buffer.from(goldenImageBytes(image));
      expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([image.widthPx, image.heightPx]);
      expect([image.widthPx % 28, image.heightPx % 28]).toEqual([0, 0]);
    }
  });

  it('have questions that do not contradict themselves', () => {
    for (const { questions } of kit.images) {
      for (const { expect: wanted } of questions) {
        expect(wanted.allOf.flat().filter((word) => wanted.noneOf.includes(word))).toEqual([]);
      }
    }
  });
});

describe('checkAnswer', () => {
  it.each([
    ['red-dragon.png', 'what', 'This is a dragon puppet.'],
    ['red-dragon.png', 'what', 'A red Dragon, hanging on strings!'],
    ['red-dragon.png', 'colour', 'Red'],
    ['red-dragon.png', 'breath', 'Flames'],
    ['king.png', 'who', 'The puppet is a king with a crown.'],
    ['banner.png', 'words', 'PUPPET SHOW'],
    ['apples.png', 'count', '3'],
    ['apples.png', 'count', 'There are three apples.'],
    ['fox-and-key.png', 'side', 'Right.'],
    ['fox-and-key.png', 'animal', "It isn't a dog, it is a fox."],
    ['witch.png', 'prop', 'A broom'],
  ])('%s %s: takes %j', (file, id, answer) => {
    expect(checkAnswer(question(file, id), answer)).toEqual({ passed: true, reasons: [] });
  });

  it.each([
    ['red-dragon.png', 'what', 'A dog.', 'does not say dragon'],
    ['red-dragon.png', 'what', 'There is no dragon in this image.', 'does not say dragon'],
    ['red-dragon.png', 'what', "It isn't a red dragon", 'does not say dragon'],
    ['red-dragon.png', 'what', 'It could be a dragon, a dog or a horse.', 'it says dog'],
    ['red-dragon.png', 'colour', 'red, blue, green, yellow', 'it says blue'],
    ['red-dragon.png', 'colour', 'infrared', 'does not say red'],
    ['banner.png', 'words', 'PUPPETSHOW', 'does not say puppet'],
    ['apples.png', 'count', '13', 'does not say 3'],
    ['apples.png', 'count', 'two or three', 'it says two'],
    ['fox-and-key.png', 'side', 'left', 'does not say right'],
    ['king.png', 'who', '', 'empty'],
    ['king.png', 'who', 'king king king king king king king king king', 'repeats itself'],
    ['king.png', 'who', '<|im_start|>assistant king', 'special tokens'],
    ['king.png', 'who', 'king!!!!!!!!!!!!!!!!!!', 'one character'],
    ['king.png', 'who', '王様の人形です king', 'not Latin'],
    ['king.png', 'who', `king ${'and so it went on with another thing '.repeat(20)}`, 'does not end'],
    ['king.png', 'who', 'king \ufffd\ufffd', 'no text'],
  ])('%s %s: refuses %j', (file, id, answer, reason) => {
    const checked = checkAnswer(question(file, id), answer);
    expect(checked.passed).toBe(false);
    expect(checked.reasons.join('; ')).toContain(reason);
  });

  it('lets no text pass that does not hold the expected words', () => {
    const vocabulary = fc.constantFrom('the', 'of', 'tab', 'zeros', 'Lorem', 'ipsum', 'dolor', 'and', '4', 'def', 'return', 'image');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.array(vocabulary).map((list) => list.join(' ')),
        ),
        (text) => {
          for (const each of kit.images.flatMap((image) => image.questions)) {
            const holds = each.expect.allOf.every((group) => group.some((word) => text.toLowerCase().includes(word)));
            if (!holds && checkAnswer(each, text).passed) throw new Error(`${each.ask} ${text}`);
          }
        },
      ),
    );
  });

  it('does not mind case, punctuation or spaces around the words', () => {
    fc.assert(
      fc.property(fc.constantFrom(' ', '\n', '. ', '"', '(', ' - '), fc.boolean(), (around, upper) => {
        const word = upper ? 'DRAGON' : 'dragon';
        expect(checkAnswer(question('red-dragon.png', 'what'), `${around}${word}${around}`).passed).toBe(true);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void garbageReason(text)));
  });
});

/** Inflated lines of a PNG, which do not depend on the version of zlib as its compressed bytes do. */
function pixelsOf(png: Buffer): Buffer {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return inflateSync(Buffer.concat(data));
}
