import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyLicenceText } from '../../compliance/text/verify';
import { fromRoot } from '../../core/project-root';

const spdx = (id: string) =>
  (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
    .licenseText;
const APACHE = spdx('Apache-2.0');
const MIT = spdx('MIT');
const CANDIDATES = ['Apache-2.0', 'MIT', 'BSD-3-Clause', 'ISC', 'MPL-2.0'];
const END = 'END OF TERMS AND CONDITIONS';
const COMMONS_CLAUSE =
  '"Commons Clause" License Condition v1.0\n\nThe Software is provided to you by the Licensor under the License, without the right to Sell the Software.';

const judge = (text: string | Uint8Array) => verifyLicenceText(text, CANDIDATES);
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

describe('harmless differences are verified', () => {
  it.each<readonly [string, string | Uint8Array, string]>([
    ['verbatim', APACHE, 'Apache-2.0'],
    ['CRLF', APACHE.replaceAll('\n', '\r\n'), 'Apache-2.0'],
    ['a byte order mark', `\uFEFF${APACHE}`, 'Apache-2.0'],
    ['UTF-16', utf16(APACHE), 'Apache-2.0'],
    [
      'other line breaks',
      APACHE.replaceAll(/(\S) (\S)/g, (all, a, b, at) => (at % 7 === 0 && at < APACHE.indexOf(END) ? `${a}\n   ${b}` : all)),
      'Apache-2.0',
    ],
    ['upper case', APACHE.toUpperCase(), 'Apache-2.0'],
    ['a filled-in copyright line', APACHE.replace('[yyyy] [name of copyright owner]', '2026 BBS Puppet Show'), 'Apache-2.0'],
    ['no appendix', APACHE.slice(0, APACHE.indexOf(END) + END.length), 'Apache-2.0'],
    ['a copyright line in front', `Copyright 2020-2026 The Example Authors. All rights reserved.\n\n${APACHE}`, 'Apache-2.0'],
    ['curly quotes', APACHE.replaceAll(/"([^"]*)"/g, '“$1”'), 'Apache-2.0'],
    ['MIT with its owner', MIT.replace('<year> <copyright holders>', '2023-2026 The ggml authors'), 'MIT'],
    ['MIT without its title', MIT.replace('MIT License', ''), 'MIT'],
    ['MIT under another title', MIT.replace('MIT License', 'The MIT License (MIT)'), 'MIT'],
    ['ISC', spdx('ISC'), 'ISC'],
    ['BSD-3-Clause', spdx('BSD-3-Clause'), 'BSD-3-Clause'],
  ])('%s', (_, text, licence) => {
    expect(judge(text)).toMatchObject({ state: 'verified', licence });
  });
});

describe('what changes the meaning is never verified', () => {
  it.each<readonly [string, string | Uint8Array]>([
    ['Commons Clause after END OF TERMS', APACHE.replace(END, `${END}\n\n${COMMONS_CLAUSE}`)],
    ['Commons Clause at the end', `${APACHE}\n\n${COMMONS_CLAUSE}`],
    ['Commons Clause in front', `${COMMONS_CLAUSE}\n\n${APACHE}`],
    ['Commons Clause behind MIT', `${MIT}\n${COMMONS_CLAUSE}`],
    ['an inserted use restriction', APACHE.replace('5. Submission', 'No military or commercial use is permitted.\n\n5. Submission')],
    ['a replaced grant', APACHE.replace('perpetual, worldwide', 'non-commercial, revocable')],
    ['one word taken out', APACHE.replace('irrevocable', '')],
    ['a restriction in a copyright line', `Copyright 2026 Example. Commercial use is prohibited.\n${MIT}`],
    ['a restriction behind a copyright sign', `${MIT}\n(c) 2026 Example, for evaluation only`],
    ['two licences in one file', `${MIT}\n\n${APACHE}`],
    ['a letter of another script', APACHE.replace('perpetual', 'perpetu\u0430l')],
    ['an invisible character', APACHE.replace('perpetual', 'per\u200bpetual')],
    ['a hidden comment', `${MIT}\n<!-- except for military use -->`],
    ['only the notice of Apache', 'Licensed under the Apache License, Version 2.0 (the "License");'],
    ['a README that talks about a licence', '# Thing\n\nNot under the MIT license; all rights reserved.'],
    ['AGPL', spdx('AGPL-3.0-only')],
    ['nothing', ''],
    ['only a copyright line', 'Copyright 2026 Example'],
    ['bytes that are not text', Buffer.from([0xc3, 0x28, 0xff, 0x00])],
    ['10 MB', `${MIT}${'x '.repeat(5_000_000)}`],
  ])('%s', (_, text) => {
    const start = performance.now();
    expect(judge(text).state).not.toBe('verified');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('any word that is put in, taken out or replaced', () => {
    const words = APACHE.split(/(\s+)/);
    fc.assert(
      fc.property(fc.nat({ max: words.length - 1 }), fc.constantFrom('not', '', 'non-commercial', 'only'), (at, word) => {
        if (/^\s*$/.test(words[at] ?? '') || /copyright|yyyy|\[|owner\]/i.test(words.slice(Math.max(0, at - 8), at + 8).join(''))) return;
        expect(judge(words.with(at, word).join('')).state).not.toBe('verified');
      }),
      { numRuns: 100 },
    );
  });
});

it('names what a changed copy was made from, and where it departs', () => {
  expect(judge(APACHE.replace('perpetual, worldwide', 'non-commercial, revocable'))).toMatchObject({
    state: 'modified',
    licence: 'Apache-2.0',
    because: expect.stringContaining('non-commercial'),
  });
});

it('looks up no id that SPDX does not know, so that none can name another file', () => {
  expect(verifyLicenceText(MIT, ['../../../package', 'MIT/../MIT']).state).toBe('unrecognised');
});
