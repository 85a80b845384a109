import { readFileSync } from 'node:fs';
import { fromRoot } from '../../core/project-root';
import { licenceId } from '../expression/licence-ids';
import { NOTICE_PLACE, templateWords, wordsOf } from './normalise';
import { SLOTS } from './slots';

/** A place in a template that copies fill in: a name, or one of a few equal wordings. */
export interface Slot {
  /** Words of the SPDX list, for a comparison word by word. */
  readonly shown: readonly string[];
  /** Accepted wordings; undefined where any name may stand. */
  readonly wordings: readonly (readonly string[])[] | undefined;
}
/** A place where the text of SPDX has a copyright notice: copies have it, their own ones or none. */
export interface NoticeSlot {
  readonly notice: readonly string[];
}
/** A word, a place to fill in, or a place where a list mark may stand (MARK_PLACE). */
export type TemplateToken = string | Slot | NoticeSlot;

/** What counts as a copy of one licence. */
export interface LicenceTemplate {
  readonly id: string;
  readonly name: string;
  /** Copyright notices in front of the text in the SPDX list, as normalised words joined by spaces. */
  readonly notices: readonly string[];
  /** Accepted shapes of the text without its title, the whole one first. */
  readonly shapes: readonly (readonly TemplateToken[])[];
}

const cache = new Map<string, LicenceTemplate | undefined>();

/**
 * The accepted texts of one licence, from the SPDX texts in the package spdx-license-list (offline).
 * @returns undefined when the package has no text for the id
 */
export function licenceTemplate(id: string): LicenceTemplate | undefined {
  if (!cache.has(id)) cache.set(id, readTemplate(id));
  return cache.get(id);
}

interface ListedLicence {
  readonly name: string;
  readonly licenseText: string;
}

function readTemplate(id: string): LicenceTemplate | undefined {
  // The id goes into a path: only ids of the SPDX table are looked up.
  if (licenceId(id) !== id) return undefined;
  let listed: ListedLicence;
  try {
    listed = JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as ListedLicence;
  } catch {
    return undefined;
  }
  const whole = templateWords(listed.licenseText).join(' ');
  const full = withoutOuterNotices(whole);
  const own = rootTitles(id, listed.name)
    .flatMap((title) => [titleWords(title), titleWords(`${title}:`)])
    .sort((a, b) => b.length - a.length)
    .find((title) => full.startsWith(`${title} `) && full.length > title.length + 1);
  const body = own === undefined ? full : withoutOuterNotices(full.slice(own.length + 1));
  // The title is looked for apart from the text, so that it may be another one or none.
  const shapes = [...new Set(shapesOf(id, body))].map((text) => withSlots(text, SLOTS[id] ?? []));
  const front = whole.slice(0, whole.indexOf(body)).split(' ');
  const notices = front.filter((word) => word.startsWith(NOTICE_PLACE)).map((word) => noticeWords(word).join(' '));
  return { id, name: listed.name, notices, shapes };
}

/** Notices in front of the terms and behind them are looked at apart from them. */
function withoutOuterNotices(text: string): string {
  return text.replace(OUTER_NOTICES, '');
}
function noticeWords(word: string): readonly string[] {
  return word.split(NOTICE_PLACE).slice(1);
}
const OUTER_NOTICES = new RegExp(`^(?:${NOTICE_PLACE}\\S* )+|(?: ${NOTICE_PLACE}\\S*)+$`, 'g');

const titleCache = new Map<string, readonly string[]>();

/**
 * Titles under which a licence is usually passed on, as normalised words joined by spaces, longest first: its SPDX name and id, with and
 * without "the", "license", the id in brackets, and a sentence that only introduces it.
 */
export function licenceTitles(template: LicenceTemplate): readonly string[] {
  const { id, name } = template;
  const known = titleCache.get(id);
  if (known) return known;
  const all = rootTitles(id, name).flatMap((title) => [
    title,
    `the ${title}`,
    `(the ${title})`,
    `(${title})`,
    `[${title}](http://spdx.org/licenses/${id})`,
    `[${title}](http://opensource.org/licenses/${id})`,
    `${title}.`,
    `the ${title}.`,
    `${title} (${id})`,
    `the ${title} (${id})`,
    `${title}:`,
    ...LEADS.flatMap((lead) => [`${lead} ${title}:`, `${lead} ${title}.`]),
  ]);
  const phrases = [...all, BY_A_TOOL, `spdx-license-identifier: ${id}`, 'license', 'license:', `license: ${id}`, `(${id})`];
  const titles = [...new Set(phrases.map(titleWords))].filter((title) => title !== '').sort((a, b) => b.length - a.length);
  titleCache.set(id, titles);
  return titles;
}

function rootTitles(id: string, name: string): readonly string[] {
  const roots = [name, name.replaceAll('"', ''), id, id.replaceAll('-', ' '), ...(MORE_TITLES[id] ?? [])];
  return roots.flatMap((root) => [root, ...(/licen[cs]e/i.test(root) ? [] : [`${root} license`])]);
}

function titleWords(title: string): string {
  return wordsOf(title).join(' ');
}

/** Sentences that introduce the licence and add nothing to it. */
const LEADS = [
  'this is the',
  'this software is released under the',
  'this software is licensed under the',
  'this project is free software released under the',
  'released under the',
  'licensed under the',
];
/** What a tool writes above the licence of every package of one organisation. */
const BY_A_TOOL = '<!-- This file is automatically added by @npmcli/template-oss. Do not edit. -->';

const MORE_TITLES: Readonly<Record<string, readonly string[]>> = {
  'MPL-2.0': ['Mozilla Public License Version 2.0', 'Mozilla Public License, version 2.0'],
  'CC0-1.0': ['Creative Commons Legal Code', 'CC0 1.0 Universal', 'Creative Commons CC0 1.0 Universal'],
  'BSD-2-Clause': [
    'BSD License',
    'Simplified BSD License',
    'FreeBSD License',
    'BSD 2-Clause License',
    '2-Clause BSD License',
    'BSD-2-Clause License',
  ],
  'BSD-3-Clause': [
    'BSD License',
    'New BSD License',
    'Modified BSD License',
    'Revised BSD License',
    'BSD 3-Clause License',
    '3-Clause BSD License',
    'BSD-3-Clause License',
  ],
  '0BSD': ['Zero-Clause BSD', 'Zero-Clause BSD License', 'BSD Zero Clause License'],
  ISC: ['ISC License', 'ISC License (ISC)'],
  MIT: ['MIT License (Expat)', 'Expat License', 'MIT/X11', 'MIT/X11 License', 'MIT License (X11 License)'],
};

const END_OF_TERMS = 'end of terms and conditions';
const HOW_TO_APPLY = 'appendix: how to apply the apache license to your work.';

/** Where the terms begin: the words before them are a heading or a preamble that SPDX marks as optional. */
const TERMS_BEGIN: Readonly<Record<string, string>> = {
  'Apache-2.0': 'terms and conditions for use, reproduction, and distribution',
  'CC0-1.0': 'statement of purpose',
};

/** The same text without its optional beginning or behind its own notice, and with each of its accepted endings. */
function shapesOf(id: string, full: string): string[] {
  const start = full.indexOf(TERMS_BEGIN[id] ?? '');
  const notice = id === 'Apache-2.0' ? full.slice(full.lastIndexOf(NOTICE)) : '';
  return (start > 0 ? [full, full.slice(start)] : [full])
    .flatMap((text) => [text, ...endingsOf(id, text)])
    .flatMap((text) => (notice === '' ? [text] : [text, `${notice}. ${text}`]))
    .flatMap((text) => (id === 'MIT' ? [text, text.replace(...NEXT_PARAGRAPH)] : [text]));
}

/** How Creative Commons itself ends the plain text. */
const MORE_ON_CC0 = 'for more information, please see http://creativecommons.org/publicdomain/zero/1.0';
/** Optional in the template of SPDX: license-list-XML, MIT. */
const NEXT_PARAGRAPH = ['this permission notice shall', 'this permission notice (including the next paragraph) shall'] as const;

/** How the notice begins that the licence wants in front of every file, and that some copies have in front of the licence too. */
const NOTICE = 'licensed under the apache license, version 2.0 (the "license");';

/** Texts with END OF TERMS may end there; nothing but their own appendix may follow. */
function endingsOf(id: string, full: string): string[] {
  if (id === 'CC0-1.0') return [`${full}. ${MORE_ON_CC0}`];
  const end = full.lastIndexOf(END_OF_TERMS);
  if (end < 0) return [];
  const terms = full.slice(0, end).trimEnd();
  const closed = `${terms} ${END_OF_TERMS}`;
  const appendix = full.slice(end + END_OF_TERMS.length + 1);
  if (id !== 'Apache-2.0' || !appendix.startsWith(HOW_TO_APPLY)) return [terms, closed];
  const notice = appendix.indexOf(NOTICE);
  return [terms, closed, `${closed} ${appendix.replace('"[]"', '"{}"')}`, ...(notice > 0 ? [`${closed} ${appendix.slice(notice)}`] : [])];
}

/** Cuts a text at its slots. A phrase that the text does not hold is passed over: shapes may lack a part. */
function withSlots(text: string, phrases: readonly string[]): readonly TemplateToken[] {
  let rest = text;
  const slots: Slot[] = [];
  for (const phrase of phrases) {
    const shown = phrase.replaceAll(/\{=?([^|}]*)[^}]*\}/g, '$1');
    if (!rest.includes(shown)) continue;
    const marked = phrase.replaceAll(/\{(=?)([^}]*)\}/g, (_, equal: string, inside: string) => {
      const wordings = inside.split('|').map((wording) => wording.split(' '));
      slots.push({ shown: wordings[0] ?? [], wordings: equal ? wordings : undefined });
      return `${SLOT_MARK}${slots.length - 1}`;
    });
    rest = rest.replace(shown, () => marked);
  }
  // Like a text that ends there: without the last full stop.
  return rest
    .replace(/[.]$/, '')
    .split(' ')
    .map((word) => {
      if (word.startsWith(SLOT_MARK)) return slots[Number(word.slice(SLOT_MARK.length))] as Slot;
      return word.startsWith(NOTICE_PLACE) ? { notice: noticeWords(word) } : word;
    });
}

/** A character that no normalised word holds. */
const SLOT_MARK = '\u0000';
