import type { SubjectVerdict, Verdict } from '../compliance/verdict';
import { sha256Hex } from '../core/canonical-json';
import { cleanStrings } from './clean';
import type { ModelFacts } from './model-facts';
import { publisherOf } from './package-url';
import { licenceElement, NO_ASSERTION, packageElement, type SpdxElement } from './spdx3-element';

/**
 * The release as an SPDX 3.0.1 document in JSON-LD: models as AI packages, data as dataset packages, all else as software packages, with
 * declared and concluded licences, files with hashes, and what was trained on or made from what.
 *
 * @param at  time of the judgement
 */
export function toSpdx3(verdict: Verdict, model: ModelFacts, at: Date): Spdx3 {
  const clean = cleanStrings(verdict);
  const facts = cleanStrings(model);
  const iri = namer(`urn:onevision-kit:spdx:${sha256Hex(`${verdict.digest} ${at.toISOString()}`).slice(0, 32)}`);
  const created = `${at.toISOString().slice(0, 19)}Z`;
  const elements: SpdxElement[] = [];
  const add = (type: string, id: string, content: Readonly<Record<string, unknown>>): string => {
    elements.push({ type, spdxId: id, creationInfo: CREATION, ...content });
    return id;
  };
  const agents = new Map<string | null, string>();
  const agentOf = (publisher: string | null): string => {
    const known = agents.get(publisher);
    if (known !== undefined) return known;
    const id = iri('agent', publisher ?? 'not known');
    agents.set(publisher, id);
    return add(publisher === null ? 'Agent' : 'Organization', id, { name: publisher ?? 'publisher not known' });
  };
  const kit = add('SoftwareAgent', iri('agent', 'onevision-kit'), { name: `onevision-kit ${clean.kit.version}` });
  const packages = new Map<string, string>();
  const idOf = new Map<SubjectVerdict, string>();
  for (const subject of clean.subjects) {
    const { type, content } = packageElement(subject, facts, agentOf(publisherOf(subject)), created);
    const id = add(type, iri('subject', subject.id), content);
    idOf.set(subject, id);
    packages.set(subject.id, id);
  }
  const root = add('software_Package', iri('release', clean.release.name), {
    name: clean.release.name,
    summary: clean.summary,
    software_packageVersion: clean.model.revision,
    software_primaryPurpose: 'bom',
  });
  const relate = (from: string, relationshipType: string, to: readonly string[]): void => {
    if (to.length > 0)
      add('Relationship', iri('relationship', `${relationshipType} ${from} ${to.join(' ')}`), { from, relationshipType, to });
  };
  const licences = new Map<string, string>();
  const licenceOf = (text: string): string => {
    const known = licences.get(text);
    if (known !== undefined) return known;
    const { type, content } = licenceElement(text);
    const id = add(type, iri('licence', text), content);
    licences.set(text, id);
    return id;
  };
  const parts = new Map<string, SubjectVerdict[]>();
  for (const subject of clean.subjects) {
    const own = idOf.get(subject) as string;
    relate(own, 'hasDeclaredLicense', [subject.licence === null ? NO_ASSERTION : licenceOf(subject.licence)]);
    if (subject.licence !== null && subject.strength === 'verified') relate(own, 'hasConcludedLicense', [licenceOf(subject.licence)]);
    if (subject.state !== 'allowed')
      add('Annotation', iri('annotation', subject.id), {
        annotationType: 'review',
        subject: own,
        statement: `${subject.state}: ${subject.because}`,
      });
    const whole = subject.partOf !== null && subject.partOf !== subject.id && packages.has(subject.partOf) ? subject.partOf : '';
    parts.set(whole, [...(parts.get(whole) ?? []), subject]);
  }
  for (const [whole, members] of parts) {
    const from = whole === '' ? root : (packages.get(whole) as string);
    const of = (kinds: readonly string[], inside: boolean) =>
      members.filter((member) => kinds.includes(member.kind) === inside).map((member) => idOf.get(member) as string);
    if (whole === '') relate(from, 'dependsOn', of([], false));
    else {
      relate(from, 'trainedOn', of(DATA, true));
      relate(from, 'descendantOf', of(ANCESTORS, true));
      relate(from, 'dependsOn', of([...DATA, ...ANCESTORS], false));
    }
  }
  for (const pin of clean.pins.filter((each) => each.what === 'file')) {
    const whole = clean.subjects.find((subject) => pin.name.startsWith(`${subject.id}/`));
    if (!whole) continue;
    const file = add('software_File', iri('file', pin.name), {
      name: pin.name.slice(whole.id.length + 1),
      verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: pin.value }],
    });
    relate(idOf.get(whole) as string, 'contains', [file]);
  }
  const creation = { type: 'CreationInfo', '@id': CREATION, specVersion: '3.0.1', created, createdBy: [kit] };
  const document = {
    type: 'SpdxDocument',
    spdxId: iri('document', clean.release.name),
    creationInfo: CREATION,
    name: `${clean.release.name} (${clean.environment}): ${clean.summary}`,
    comment: `Verdict ${clean.digest}. It reports evidence; it is not legal advice.`,
    profileConformance: ['core', 'software', 'ai', 'dataset', 'simpleLicensing'],
    rootElement: [root],
    element: elements.map((element) => element.spdxId),
  };
  return { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [creation, document, ...elements] };
}

const CREATION = '_:creation';
const DATA = ['dataset', 'data-source'];
const ANCESTORS = ['base-model', 'vision-tower'];

/** Names of elements, unique in the document: what cannot stand in an IRI is percent-encoded, a name that comes twice gets a number. */
function namer(base: string): (kind: string, name: string) => string {
  const seen = new Map<string, number>();
  return (kind, name) => {
    const encoded = name.length > MAX_NAME ? sha256Hex(name) : encodeURIComponent(name);
    const plain = `${base}:${kind}:${encoded}`;
    const times = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, times);
    return times === 1 ? plain : `${plain}:${times}`;
  };
}
const MAX_NAME = 120;

/** The part of SPDX 3.0.1 that the kit writes. */
export interface Spdx3 {
  readonly '@context': string;
  readonly '@graph': readonly Readonly<Record<string, unknown>>[];
}
