import { allCodes } from './all-codes';

/** docs/codes.md: every error code and rule id with its meaning, from the tables of the rooms. */
export function codesPage(): string {
  const codes = allCodes();
  const names = Object.keys(codes).sort();
  const entries = names.flatMap((name) => {
    const doc = codes[name];
    return doc ? [`## ${name}`, '', `**${doc.title}.** ${doc.meaning}`, '', `What to do: ${doc.remedy}`, ''] : [];
  });
  return [
    '# Error codes and rules',
    '',
    'Generated from the code tables of the rooms (`npm run docs`); the same text as `npx ovkit explain CODE`. `E_…` and `W_…` are errors and',
    'warnings of the kit, `OVK-…` are rules of the compliance policy. Ids are never reused.',
    '',
    ...entries,
  ].join('\n');
}
