import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import currentIds from 'spdx-license-ids';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyLicenceText } from '../../compliance/text/verify';
import { diffWords } from '../../compliance/text/word-diff';
import { fromRoot } from '../../core/project-root';
import { cpuMilliseconds } from '../cpu-time';

const spdx = (id: string) =>
  (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
    .licenseText;
const APACHE = spdx('Apache-2.0');
const MIT = spdx('MIT');
const END = 'END OF TERMS AND CONDITIONS';
const COMMONS_CLAUSE =
  '"Commons Clause" License Condition v1.0\n\nThe Software is provided to you by the Licensor under the License, without the right to Sell the Software.';

const PERMISSIVE = ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'];

/** Share of harmless copies that may be refused: the goal of the kit. */
const MAX_FALSE_DENIES = 0.02;

/** Paragraphs with their line ends moved, as an editor does it. */
const wrapped = (text: string, width: number) =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').replaceAll(new RegExp(`(.{1,${width}}) `, 'g'), '$1\n'))
    .join('\n\n');

const judge = (text: string | Uint8Array) => verifyLicenceText(text);
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
    ['no appendix and no closing line', APACHE.slice(0, APACHE.indexOf(END)), 'Apache-2.0'],
    [
      'the appendix of 2004, with braces',
      APACHE.replace('"[]"', '"{}"').replace('[yyyy] [name of copyright owner]', '{yyyy} {name of copyright owner}'),
      'Apache-2.0',
    ],
    ['no full stop at the end', MIT.trim().replace(/\.$/, ''), 'MIT'],
    ['UTF-16 without a mark', Buffer.from(MIT, 'utf16le'), 'MIT'],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${MIT}`, 'utf16le').swap16(), 'MIT'],
    [
      'Latin-1 with a name and a sign',
      Buffer.from(MIT.replace('(c) <year> <copyright holders>', '\xa9 2011 J\xfcrgen M\xfcller'), 'latin1'),
      'MIT',
    ],
    ['old Mac line ends', MIT.replaceAll('\n', '\r'), 'MIT'],
    [
      'many copyright lines',
      MIT.replace(
        '<year> <copyright holders>',
        '2010-2015, 2018 npm, Inc. and Contributors\nCopyright Node.js contributors. All rights reserved.\n© 2020-present sindresorhus <a@b.org> (https://b.org)\nCopyright (c) Microsoft Corporation.\nPortions Copyright (c) 2004 The Regents of the University of California',
      ),
      'MIT',
    ],
    [
      'a comment block',
      `/*\n${MIT.trim()
        .split('\n')
        .map((line) => ` * ${line}`)
        .join('\n')}\n */`,
      'MIT',
    ],
    [
      'a shell comment',
      MIT.trim()
        .split('\n')
        .map((line) => `# ${line}`)
        .join('\n'),
      'MIT',
    ],
    ['a Markdown heading', `# The MIT License (MIT)\n\n${MIT.replace('MIT License', '')}`, 'MIT'],
    ['a Markdown fence', `# License\n\n\`\`\`text\n${MIT}\n\`\`\`\n`, 'MIT'],
    [
      'a Markdown quotation',
      MIT.trim()
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n'),
      'MIT',
    ],
    [
      'plain HTML',
      `<!DOCTYPE html>\n<html><body><pre>${APACHE.replaceAll('"', '&quot;').replaceAll('<', '&lt;')}</pre></body></html>`,
      'Apache-2.0',
    ],
    ['HTML paragraphs', `<p>${MIT.trim().replaceAll('<', '&lt;').replaceAll('>', '&gt;').split('\n\n').join('</p>\n<p>')}</p>`, 'MIT'],
    ['BSD with bullets', spdx('BSD-3-Clause').replaceAll(/^\d\. /gm, ' * '), 'BSD-3-Clause'],
    ['BSD with letters', spdx('BSD-2-Clause').replace('1. ', '(a) ').replace('2. ', '(b) '), 'BSD-2-Clause'],
    [
      'BSD with a name',
      spdx('BSD-3-Clause')
        .replace('the copyright holder nor', 'Google LLC nor')
        .replace('THE COPYRIGHT HOLDERS AND CONTRIBUTORS', 'THE REGENTS AND CONTRIBUTORS')
        .replace('THE COPYRIGHT HOLDER OR', 'THE REGENTS OR'),
      'BSD-3-Clause',
    ],
    [
      'BSD with a title',
      `BSD 3-Clause License\n\nCopyright (c) 2019, The Example Authors\nAll rights reserved.\n\n${spdx('BSD-3-Clause').split('\n').slice(2).join('\n')}`,
      'BSD-3-Clause',
    ],
    [
      'ISC of an author',
      spdx('ISC')
        .replaceAll(/^Copyright.*$/gm, '')
        .replace('ISC DISCLAIMS', 'THE AUTHOR DISCLAIMS')
        .replace('SHALL ISC', 'SHALL THE AUTHOR'),
      'ISC',
    ],
    ['MIT of a company', MIT.replace('THE AUTHORS OR COPYRIGHT HOLDERS', 'ACME CORP.'), 'MIT'],
    ['its title and owner on one line', `MIT License Copyright (c) 2026 Foo\n\n${MIT.slice(MIT.indexOf('Permission'))}`, 'MIT'],
    [
      'owner and licence in one line',
      `Copyright 2026 Foo. Licensed under the MIT License.\n\n${MIT.slice(MIT.indexOf('Permission'))}`,
      'MIT',
    ],
    [
      'MIT with the next paragraph',
      MIT.replace('this permission notice shall', 'this permission notice (including the next\nparagraph) shall'),
      'MIT',
    ],
    ['MIT under a link', `# [MIT License](https://spdx.org/licenses/MIT)\n\n${MIT.slice(MIT.indexOf('Permission'))}`, 'MIT'],
    [
      'what a tool writes above it',
      `<!-- This file is automatically added by @npmcli/template-oss. Do not edit. -->\n\n${spdx('ISC')}`,
      'ISC',
    ],
    [
      'the notice of Apache in front of its text',
      `Copyright 2024 Foo\n\n${APACHE.slice(APACHE.lastIndexOf('Licensed under'))}\n\n${APACHE}`,
      'Apache-2.0',
    ],
    [
      'BSD of a project',
      spdx('BSD-3-Clause').replace('the copyright holder nor the names of its contributors', 'this software nor the names of contributors'),
      'BSD-3-Clause',
    ],
    [
      'CC0 as Creative Commons ends it',
      `${spdx('CC0-1.0').trim()}\n\nFor more information, please see <http://creativecommons.org/publicdomain/zero/1.0/>`,
      'CC0-1.0',
    ],
    [
      'title, owners and terms in one paragraph',
      MIT.replace('<year> <copyright holders>', '2019 Foo Inc. Copyright (c) 2020 Jane Doe <jane@foo.example>').split(/\s+/).join(' '),
      'MIT',
    ],
    [
      'a long name over two lines',
      MIT.replace('<year> <copyright holders>', '2020 The Example Authors and the\nContributors of Foo'),
      'MIT',
    ],
    [
      'an owner in the appendix, all in one line',
      APACHE.replace('[yyyy] [name of copyright owner]', '2026 Foo Inc.').split(/\s+/).join(' '),
      'Apache-2.0',
    ],
    ['British spelling', MIT.replace('sublicense', 'sublicence').replace('NONINFRINGEMENT', 'NON-INFRINGEMENT'), 'MIT'],
  ])('%s', (_, text, licence) => {
    expect(judge(text)).toMatchObject({ state: 'verified', licence });
  });
});

describe('what changes the meaning is never verified', () => {
  // The first text that is not verified reads all 700 texts of the list; the others are compared in milliseconds.
  beforeAll(() => void judge('no licence at all'));

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
    ['a hidden paragraph of HTML', `<p>${MIT.replaceAll('<', '&lt;')}</p><p style="display:none">Not for trade.</p>`],
    ['a struck-out grant', MIT.replace('without restriction', '~~without restriction~~')],
    ['struck-out HTML', `<p>${MIT.replaceAll('<', '&lt;').replace('without restriction', '<del>without restriction</del>')}</p>`],
    [
      'a condition where BSD names its owner',
      spdx('BSD-3-Clause').replace('the copyright holder nor', 'the holder, which you may not use commercially, nor'),
    ],
    ['a condition where MIT names its authors', MIT.replace('THE AUTHORS OR COPYRIGHT HOLDERS', 'THE AUTHORS, WHO FORBID MILITARY USE,')],
    [
      'a clause of BSD replaced',
      spdx('BSD-3-Clause').replace(/3\. Neither.*/, '3. All advertising materials must display an acknowledgement.'),
    ],
    ['the disclaimer of MIT deleted', MIT.slice(0, MIT.indexOf('THE SOFTWARE IS'))],
    ['the condition of MIT deleted', MIT.replace(/The above copyright notice[^.]*\./, '')],
    ['a proprietary copyright line', `Copyright 2026 Example. Proprietary and confidential.\n${MIT}`],
    ['a second sentence in a copyright line', `Copyright 2026 Example Authors. Do good things\n${MIT}`],
    ['a small-letter sentence in a copyright line', `Copyright 2026 whoever reads this owes us beer\n${MIT}`],
    [
      'a section number replaced',
      APACHE.replace('under Section 4', 'under Section 9')
        .replace('Sections 7 or 8', 'Sections 2 or 3')
        .replace('Subject to the terms and conditions of', 'Beyond the terms of'),
    ],
    ['a condition in the brackets of an address', `Copyright 2026 Foo <not for sale / commercial use>\n${MIT}`],
    ['a condition joined by signs', `Copyright 2026 Foo, Not_for_commercial_use\n${MIT}`],
    ['a condition in letters of another script', `Copyright 2026 Foo, C\u043emmercial Us\u0435 Pr\u043ehibited\n${MIT}`],
    ['a condition with invisible characters', `Copyright 2026 Foo, Com\u200bmercial Us\u200be Pro\u200bhibited\n${MIT}`],
    ['a condition in Chinese', `Copyright 2026 \u67d0\u516c\u53f8 \u4ec5\u4f9b\u5b66\u672f\u7814\u7a76\n${MIT}`],
    ['a condition in Spanish', `Copyright 2026 Foo, Uso Comercial Prohibido\n${MIT}`],
    ['another licence in front by its SPDX id', `SPDX-License-Identifier: MIT AND GPL-3.0-only\n\n${MIT}`],
    ['a title that says it is changed', `Modified MIT License\n\n${MIT}`],
    ['a title with a condition', `MIT License (Non-Commercial)\n\n${MIT}`],
    [
      'a notice that names two licences',
      `Copyright 2026 Foo. Licensed under the MIT and GPL License.\n\n${MIT.slice(MIT.indexOf('Permission'))}`,
    ],
    ['a sentence under a copyright line', `Copyright 2026 Foo\nGood people welcome\n\n${MIT}`],
    ['a name behind an empty line', `Copyright 2026 Foo\n\nSchool Editions\n\n${MIT}`],
    ['a notice inside a sentence', MIT.replace('without restriction', 'Copyright 2026 Foo without restriction')],
    [
      'a notice and a condition in one paragraph',
      MIT.replace('<year> <copyright holders>', '2026 Foo. Commercial use is prohibited.').split(/\s+/).join(' '),
    ],
    ['a condition behind the text in its paragraph', `${MIT.trim()} Copyright 2026 Foo, not for resale`],
    [
      'a condition in the appendix, all in one line',
      APACHE.replace('[yyyy] [name of copyright owner]', '2026 Foo. No cloud services.').split(/\s+/).join(' '),
    ],
    ['a footnote', `${MIT.replace('without restriction', 'without restriction*')}\n* except commercial use`],
    ['a changed notice in the appendix', APACHE.replace('the "License");', 'the "License") with the Commons Clause;')],
    [
      'a condition where the appendix names its owner',
      APACHE.replace('[yyyy] [name of copyright owner]', '2026 Foo Inc. Governments Excluded'),
    ],
    ['a tenth section', APACHE.replace(END, `10. No cloud. You may not offer the Work as a service.\n\n${END}`)],
    ['the patent grant taken out', APACHE.replace(/3\. Grant of Patent License[\s\S]*?4\. Redistribution/, '4. Redistribution')],
    ['text that is read from right to left', MIT.replace('without restriction', '\u202enoitcirtser tuohtiw\u202c')],
    [
      'letters that are struck out',
      MIT.replace('without restriction', [...'without restriction'].map((letter) => `${letter}\u0336`).join('')),
    ],
    ['a form feed before a condition', `${MIT}\fNot for sale`],
    ['a carriage return before a condition', `${MIT}\rNot for sale`],
    ['a condition behind a NUL', `${MIT}\0Not for sale`],
    ['a condition in UTF-16 behind ASCII', Buffer.concat([Buffer.from(MIT), Buffer.from('Not for sale', 'utf16le')])],
    ['an entity that hides a letter', `<p>${MIT.replaceAll('<', '&lt;').replace('hereby granted', 'hereby &#110;ot granted')}</p>`],
    ['a hidden link definition', `${MIT}\n[x]: # (Not for sale)`],
    ['a head of YAML with another licence', `---\nlicense: gpl-3.0\n---\n${MIT}`],
    ['10 MB of line breaks and a condition', `${MIT}${'\n'.repeat(10_000_000)}Not for sale`],
    ['truncated', APACHE.slice(0, 6000)],
    ['truncated by one word', MIT.trim().split(' ').slice(0, -1).join(' ')],
    ['twice the same licence', `${MIT}\n${MIT}`],
    ['MIT inside a README', `# Thing\n\nA thing.\n\n## Licence\n\n${MIT}`],
    ['a README that links', '# Thing\n\nReleased under the [MIT License](https://opensource.org/licenses/MIT).'],
    ['only a title', 'MIT License'],
    ['only titles', 'The MIT License (MIT)\n\nSPDX-License-Identifier: MIT'],
    ['AGPL', spdx('AGPL-3.0-only')],
    ['another licence in the name of the holder', MIT.replace(/Copyright.*/, 'Copyright 2026 Foo Limited License')],
    ['another licence in the name of the holder, with a colon', MIT.replace(/Copyright.*/, 'Copyright 2026 Foo Elastic License:')],
    ['nothing', ''],
    ['only a copyright line', 'Copyright 2026 Example'],
    ['bytes that are not text', Buffer.from([0xc3, 0x28, 0xff, 0x00])],
    ['10 MB', `${MIT}${'x '.repeat(5_000_000)}`],
  ])('%s', (_, text) => {
    const took = cpuMilliseconds(() => {
      const { state, licence } = judge(text);
      expect(state === 'verified' && PERMISSIVE.includes(licence ?? '')).toBe(false);
    });
    expect(took).toBeLessThan(1000);
  });

  it('any word that is put in, taken out or replaced', () => {
    const words = APACHE.split(/(\s+)/);
    fc.assert(
      fc.property(fc.nat({ max: words.length - 1 }), fc.constantFrom('not', '', 'non-commercial', 'only'), (at, word) => {
        if (
          words[at] === word ||
          /^(?:\s*|\(?\w{1,2}[.)])$/.test(words[at] ?? '') ||
          /copyright|yyyy|\[|owner\]/i.test(words.slice(Math.max(0, at - 8), at + 8).join(''))
        )
          return;
        expect(judge(words.with(at, word).join('')).state).not.toBe('verified');
      }),
      { numRuns: 100 },
    );
  });
});

describe('all texts of the SPDX list', () => {
  const listed = currentIds.filter((id) => existsSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`)));
  const found = new Map(listed.map((id) => [id, verifyLicenceText(spdx(id))]));

  it('are known offline, each as itself', () => {
    expect(listed.length).toBeGreaterThan(690);
    for (const [id, { state, licence, sameTextAs }] of found)
      expect([state, [licence, ...sameTextAs].includes(id)], id).toEqual(['verified', true]);
  });

  it('are told apart, but for ids of the same licence that SPDX gives the same text', () => {
    const stem = (id: string) => id.split('.')[0];
    for (const [id, { licence, sameTextAs }] of found)
      expect([licence ?? '', ...sameTextAs].map(stem), id).toEqual([licence ?? '', ...sameTextAs].map(() => stem(id)));
  });

  it.each<readonly [string, (text: string) => string]>([
    ['one paragraph without line ends', (text) => text.split(/\s+/).join(' ')],
    ['lines of 60 characters', (text) => wrapped(text, 60)],
    ['lines of 100 characters', (text) => wrapped(text, 100)],
    ['upper case', (text) => text.toUpperCase()],
    ['longer dashes', (text) => text.replaceAll(' - ', ' \u2013 ').replaceAll('--', '\u2014')],
    ['"licence"', (text) => text.replaceAll(/(?<![/.\w-])(l)icense/gi, '$1icence')],
  ])('stay verified as %s', (_, change) => {
    const denied = listed.filter((id) => verifyLicenceText(change(spdx(id)), [id]).state !== 'verified');
    expect(denied.length, denied.join(', ')).toBeLessThanOrEqual(listed.length * MAX_FALSE_DENIES);
  });

  it('are compared in milliseconds', () => {
    const took = cpuMilliseconds(() => {
      for (let run = 0; run < 20; run += 1) verifyLicenceText(APACHE);
    });
    expect(took / 20).toBeLessThan(50);
  });
});

it('shows every word that differs', () => {
  const text = MIT.replace('free of charge', 'for a fee').replace('without restriction, including', 'including');
  expect(verifyLicenceText(text).changes).toEqual([
    { at: 7, kind: 'replaced', expected: 'free of charge,', found: 'for a fee,' },
    { at: expect.any(Number), kind: 'deleted', expected: 'without restriction,', found: '' },
  ]);
});

it('diffs any two texts into runs that turn the one into the other', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), fc.array(word, { maxLength: 30 }), (expected, found) => {
      const rebuilt: string[] = [];
      let at = 0;
      for (const run of diffWords(expected, found)) {
        rebuilt.push(...expected.slice(at, run.expectedAt), ...run.found);
        at = run.expectedAt + run.expected.length;
      }
      expect([...rebuilt, ...expected.slice(at)]).toEqual(found);
    }),
    { numRuns: 500 },
  );
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
