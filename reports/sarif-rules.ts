import type { CodeTable } from '../core/codes';

/** Metadata of one rule in a SARIF log. */
export interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly defaultConfiguration: { readonly level: 'error' };
  readonly properties: { readonly tags: readonly string[] };
}

/** Texts are cut to what code scanning shows of a rule. Source: GitHub docs, SARIF support for code scanning (1,024 characters). */
const MAX_DESCRIPTION_CHARACTERS = 1_024;

/** Metadata of the rules that have a result, each once, sorted by id. */
export function sarifRules(ids: readonly string[], codes: CodeTable): readonly SarifRule[] {
  return [...new Set(ids)].sort().map((id) => {
    const doc = codes[id] ?? {
      title: `Rule ${id}`,
      meaning: `See \`npx ovkit explain ${id}\`.`,
      remedy: `See \`npx ovkit explain ${id}\`.`,
    };
    return {
      id,
      name: id,
      shortDescription: { text: cut(doc.title) },
      fullDescription: { text: cut(doc.meaning) },
      help: { text: `${doc.meaning} ${doc.remedy}`, markdown: `${doc.meaning}\n\n${doc.remedy}\n\nMore: \`npx ovkit explain ${id}\`` },
      defaultConfiguration: { level: 'error' },
      properties: { tags: id.startsWith('OVK-') ? ['compliance'] : ['plan'] },
    };
  });
}

function cut(text: string): string {
  return text.length > MAX_DESCRIPTION_CHARACTERS ? `${text.slice(0, MAX_DESCRIPTION_CHARACTERS - 1)}…` : text;
}
