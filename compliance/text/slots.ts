/**
 * The places of a licence text where every copy names its own author, as SPDX marks them in its templates. SPDX accepts any words there;
 * here only a name may stand (`isName`), so that no condition can hide in them. `{…}` holds the words of the SPDX list, `{=a|b}` wordings
 * that are equal.
 * Source: license-list-XML, <alt> elements of the licences named.
 */
const BSD_DISCLAIMER = [
  'this software is provided by {the copyright holders and contributors} "as is" and',
  'in no event shall {the copyright holder or contributors} be liable',
];
const MIT_DISCLAIMER = ['in no event shall {the authors or copyright holders} be liable'];

export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  MIT: MIT_DISCLAIMER,
  'MIT-0': MIT_DISCLAIMER,
  ISC: [
    'use, copy, modify, {=and/or|and} distribute',
    '"as is" and {isc} {=disclaims|disclaim} all warranties',
    'in no event shall {isc} be liable',
  ],
  '0BSD': [
    'use, copy, modify, {=and/or|and} distribute',
    '"as is" and {the author} {=disclaims|disclaim} all warranties',
    'in no event shall {the author} be liable',
  ],
  'BSD-1-Clause': BSD_DISCLAIMER,
  'BSD-2-Clause': BSD_DISCLAIMER,
  'BSD-3-Clause': [
    'neither the {=name of|names of|name} {the copyright holder} nor the names of {=its contributors|their contributors|any contributors|other contributors|project contributors|contributors} may',
    ...BSD_DISCLAIMER,
  ],
  'BSD-3-Clause-Clear': ['neither the name of {[owner organization]} nor the names of its contributors may'],
  Zlib: ['in no event will {=the authors|the author} be held liable'],
};
