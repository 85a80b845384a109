import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { RELEASE_JSON_SCHEMA_FILE, releaseJsonSchemaText } from '../../release/json-schema';

/** Writes the JSON Schema of release.yaml after a change of release/schema.ts: `node dist/scripts/dev/write-json-schema.js`. */
writeFileAtomically(fromRoot(RELEASE_JSON_SCHEMA_FILE), releaseJsonSchemaText());
