import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import { StateSchema } from '../state';
import type { Verdict } from '../verdict';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'https://slsa.dev/verification_summary/v1';
/** Names of extension fields have to be URIs (SLSA, "parsing rules"). */
const EXTENSION = 'urn:onevision-kit:verdict:v1';

const digestSet = z.partialRecord(z.enum(['sha256', 'gitCommit']), z.string());
const reference = z.looseObject({ uri: z.string(), digest: digestSet });

/** The part of the statement that is read again when it is verified. */
export const StatementSchema = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.looseObject({ name: z.string(), digest: digestSet })).min(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.looseObject({
    timeVerified: z.iso.datetime(),
    resourceUri: z.string(),
    policy: reference,
    inputAttestations: z.array(reference).min(1),
    verificationResult: z.enum(['PASSED', 'FAILED']),
    verifiedLevels: z.array(z.string()).min(1),
    [EXTENSION]: z.looseObject({ state: StateSchema, digest: z.string(), expires: z.iso.datetime() }),
  }),
});
export type Statement = z.output<typeof StatementSchema>;

/** Which release in which environment a verdict is about, so that one for a rehearsal is never taken for one for production. */
export function resourceUri(verdict: Pick<Verdict, 'environment' | 'release'>): string {
  return `urn:onevision-kit:release:${verdict.environment}:${encodeURIComponent(verdict.release.name)}`;
}

/**
 * A verdict as an in-toto statement with a SLSA verification summary. The subjects are what the verdict pins; the verdict itself,
 * byte for byte as it was written, is the one input attestation.
 *
 * @param verdictFile  name and exact bytes of the written verdict
 * @param at  time of the judgement
 */
export function statementOf(verdict: Verdict, verdictFile: { readonly name: string; readonly bytes: Uint8Array }, at: Date): Statement {
  const passed = verdict.state === 'allowed';
  return {
    _type: STATEMENT_TYPE,
    subject: verdict.pins.map((pin) => ({ name: `${pin.what}:${pin.name}`, digest: { [pin.algorithm]: pin.value } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      verifier: { id: 'pkg:generic/onevision-kit', version: { 'onevision-kit': verdict.kit.version } },
      timeVerified: at.toISOString(),
      resourceUri: resourceUri(verdict),
      policy: { uri: verdict.policy.file, digest: { sha256: hexOf(verdict.policy.digest) } },
      inputAttestations: [{ uri: verdictFile.name, digest: { sha256: sha256Hex(verdictFile.bytes) } }],
      verificationResult: passed ? 'PASSED' : 'FAILED',
      verifiedLevels: passed ? levelsOf(verdict) : ['FAILED'],
      [EXTENSION]: {
        state: verdict.state,
        summary: verdict.summary,
        requires: verdict.requires,
        digest: verdict.digest,
        expires: verdict.expires,
        waivers: verdict.waivers.length,
      },
    },
  };
}

/** The kit's own part of a statement. */
export function extensionOf(statement: Statement): { readonly state: Verdict['state']; readonly digest: string; readonly expires: string } {
  return statement.predicate[EXTENSION];
}

/** Levels of the kit's own; SLSA_ is reserved. */
function levelsOf(verdict: Verdict): string[] {
  const word = (text: string) => text.toUpperCase().replaceAll('-', '_');
  const level = verdict.environment === 'rehearsal' ? 'ONEVISION_REHEARSAL_ONLY' : `ONEVISION_ALLOWED_${word(verdict.requires)}`;
  return [
    level,
    ...(verdict.waivers.length === 0 ? ['ONEVISION_WITHOUT_WAIVERS'] : []),
    ...(verdict.openness.mof.proven === 'none' ? [] : [`ONEVISION_MOF_CLASS_${verdict.openness.mof.proven}`]),
  ];
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}
