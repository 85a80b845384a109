import type { SubjectVerdict, Verdict } from '../compliance/verdict';
import { sha256Hex } from '../core/canonical-json';
import { cleanStrings } from './clean';
import { type Component, modelComponent, property, subjectComponent } from './cyclonedx-component';
import type { ModelFacts } from './model-facts';

/**
 * The release as a CycloneDX 1.6 ML-BOM: every subject of the verdict with its licence and the claims behind it, the model with its card and
 * its ancestors, and what depends on what. The same verdict and time give the same bytes.
 *
 * @param at  time of the judgement
 */
export function toCycloneDx(verdict: Verdict, model: ModelFacts, at: Date): CycloneDx {
  const clean = cleanStrings(verdict);
  const refs = refsOf(clean.subjects);
  const refOf = (subject: SubjectVerdict) => refs.get(subject) ?? subject.id;
  const hash = sha256Hex(`${verdict.digest} ${at.toISOString()}`);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      tools: { components: [{ type: 'application', name: 'onevision-kit', version: clean.kit.version }] },
      component: {
        type: 'application',
        'bom-ref': ROOT,
        name: clean.release.name,
        version: clean.model.revision,
        description: `Release for ${clean.environment}: ${clean.summary}`,
      },
      properties: [
        property('state', clean.state),
        property('requires', clean.requires),
        property('verdict-digest', clean.digest),
        property('verdict-expires', clean.expires),
        property('mof-class-proven', clean.openness.mof.proven),
        property('osaid', clean.openness.osaid.state),
      ],
    },
    components: clean.subjects.map((subject) =>
      subject.kind === 'weights'
        ? modelComponent(subject, clean, cleanStrings(model), refOf)
        : subjectComponent(subject, clean, refOf(subject)),
    ),
    dependencies: dependenciesOf(clean.subjects, refOf),
  };
}

const ROOT = 'release';

/** References have to be unique; ids are, but for what cleaning makes equal. */
function refsOf(subjects: readonly SubjectVerdict[]): ReadonlyMap<SubjectVerdict, string> {
  const seen = new Map<string, number>([[ROOT, 1]]);
  return new Map(
    subjects.map((subject) => {
      const times = (seen.get(subject.id) ?? 0) + 1;
      seen.set(subject.id, times);
      return [subject, times === 1 ? subject.id : `${subject.id}#${times}`] as const;
    }),
  );
}

/** Each thing depends on what it is made of; the release on all that is part of nothing else. */
function dependenciesOf(subjects: readonly SubjectVerdict[], refOf: (subject: SubjectVerdict) => string) {
  const parts = new Map<string, string[]>();
  const known = new Set(subjects.map((subject) => subject.id));
  for (const subject of subjects) {
    const whole = subject.partOf !== null && known.has(subject.partOf) && subject.partOf !== subject.id ? subject.partOf : ROOT;
    parts.set(whole, [...(parts.get(whole) ?? []), refOf(subject)]);
  }
  const entry = (ref: string, id: string) => {
    const dependsOn = [...new Set(parts.get(id) ?? [])].filter((part) => part !== ref).sort();
    return dependsOn.length === 0 ? { ref } : { ref, dependsOn };
  };
  return [entry(ROOT, ROOT), ...subjects.map((subject) => entry(refOf(subject), subject.id))];
}

/** The part of CycloneDX 1.6 that the kit writes; a test holds it against the strict schema. */
export interface CycloneDx {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
