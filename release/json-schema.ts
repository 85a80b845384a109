import { z } from 'zod';
import { ReleaseSchema } from './schema';

/** Where the schema stands that editors read, relative to the repository root. */
export const RELEASE_JSON_SCHEMA_FILE = 'release/release.schema.json';

/**
 * JSON Schema (draft 2020-12) of `release.yaml` for editors, derived from the zod schema with its descriptions.
 * It describes what may be written: keys with a default are optional. Rules over several values are not in it.
 */
export function releaseJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(ReleaseSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    ...schema,
    title: 'onevision-kit release',
    description: 'What is released, on what, at what price and under which rules. `npx ovkit plan` and `npx ovkit check` read it.',
  };
}

/** The schema as the text of its file. */
export function releaseJsonSchemaText(): string {
  return `${JSON.stringify(releaseJsonSchema(), null, 2)}\n`;
}
