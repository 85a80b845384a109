import type { EvidenceRef, SubjectVerdict, Verdict } from '../compliance/verdict';
import type { ModelFacts } from './model-facts';
import { homeOf, packageUrl, publisherOf } from './package-url';
import { spdxExpression } from './spdx-expression';

export type Component = Readonly<Record<string, unknown>> & { readonly type: string; readonly name: string };

/** A value of the kit's own; the name is in its namespace, as the specification asks. */
export function property(name: string, value: string): { readonly name: string; readonly value: string } {
  return { name: `onevision-kit:${name}`, value };
}

/** A subject of the verdict as a component: licence with the way it is known, and every claim as evidence. */
export function subjectComponent(subject: SubjectVerdict, verdict: Verdict, ref: string): Component {
  const type = TYPE_OF[subject.kind] ?? 'file';
  const purl = packageUrl(subject);
  const home = homeOf(subject);
  const publisher = publisherOf(subject);
  const hashes = verdict.pins.filter((pin) => pin.what === 'image' && pin.name === subject.id && pin.algorithm === 'sha256');
  return {
    type,
    'bom-ref': ref,
    name: subject.title,
    ...(subject.revision === null ? {} : { version: subject.revision }),
    ...(publisher === null ? {} : { publisher }),
    ...(hashes.length === 0 ? {} : { hashes: hashes.map((pin) => ({ alg: 'SHA-256', content: pin.value })) }),
    licenses: licencesOf(subject),
    ...(purl === null ? {} : { purl }),
    ...(home.startsWith('https:') ? { externalReferences: [{ type: 'distribution', url: home }] } : {}),
    properties: [
      property('id', subject.id),
      property('role', subject.role),
      property('kind', subject.kind),
      property('state', subject.state),
      property('strength', subject.strength),
      property('because', subject.because),
    ],
    ...(subject.evidence.length === 0 ? {} : { evidence: { licenses: subject.evidence.map(evidenceOf) } }),
    ...(type === 'data' ? { data: [{ type: 'dataset', name: subject.title }] } : {}),
  };
}

/** The weights as a machine-learning model: files with their hashes, what it was made from, and its card. */
export function modelComponent(
  subject: SubjectVerdict,
  verdict: Verdict,
  model: ModelFacts,
  refOf: (subject: SubjectVerdict) => string,
): Component {
  const parts = verdict.subjects.filter((part) => part.partOf === subject.id);
  const ancestors = parts.filter((part) => part.kind === 'base-model' || part.kind === 'vision-tower');
  const datasets = verdict.subjects.filter((part) => part.kind === 'dataset');
  const prefix = `${subject.id}/`;
  const files = verdict.pins.filter((pin) => pin.what === 'file' && pin.name.startsWith(prefix));
  return {
    ...subjectComponent(subject, verdict, refOf(subject)),
    type: 'machine-learning-model',
    description: model.title,
    ...(ancestors.length === 0
      ? {}
      : { pedigree: { ancestors: ancestors.map(ancestorOf), notes: 'Licences of the ancestors stand at their own components.' } }),
    ...(files.length === 0
      ? {}
      : {
          components: files.map((pin) => ({
            type: 'file',
            name: pin.name.slice(prefix.length),
            hashes: [{ alg: 'SHA-256', content: pin.value }],
          })),
        }),
    modelCard: {
      modelParameters: {
        task: model.readsImages ? 'image-text-to-text' : 'text-generation',
        architectureFamily: model.family,
        modelArchitecture: model.architecture,
        ...(datasets.length === 0 ? {} : { datasets: datasets.map((dataset) => ({ ref: refOf(dataset) })) }),
        inputs: [...(model.readsImages ? [{ format: 'image' }] : []), { format: 'text' }],
        outputs: [{ format: 'text' }],
      },
      considerations: {
        technicalLimitations: verdict.findings
          .filter((finding) => finding.subject === subject.id)
          .map((finding) => `${finding.rule}: ${finding.message}`),
      },
      properties: [
        property('mof-class-proven', verdict.openness.mof.proven),
        property('mof-class-at-best', verdict.openness.mof.atBest),
        property('osaid', verdict.openness.osaid.state),
      ],
    },
  };
}

const TYPE_OF: Readonly<Record<string, string>> = {
  weights: 'machine-learning-model',
  'base-model': 'machine-learning-model',
  'vision-tower': 'machine-learning-model',
  dataset: 'data',
  'data-source': 'data',
  'training-code': 'application',
  'engine-source': 'application',
  'base-image': 'container',
  image: 'container',
  'npm-package': 'library',
  'python-package': 'library',
  tool: 'application',
  kit: 'application',
  'terraform-provider': 'application',
  chart: 'application',
};

function ancestorOf(subject: SubjectVerdict): Component {
  const purl = packageUrl(subject);
  return {
    type: 'machine-learning-model',
    name: subject.title,
    ...(subject.revision === null ? {} : { version: subject.revision }),
    ...(purl === null ? {} : { purl }),
  };
}

/** One expression, or one name for what is not an expression; without a licence nothing is asserted. */
function licencesOf(subject: SubjectVerdict): readonly unknown[] {
  if (subject.licence === null) return [];
  const acknowledgement = subject.strength === 'verified' ? 'concluded' : 'declared';
  const expression = spdxExpression(subject.licence);
  return expression === null ? [{ license: { name: subject.licence, acknowledgement } }] : [{ expression, acknowledgement }];
}

/** A claim as it stands at its source; the text of a licence file was compared by the kit, all others are what somebody declares. */
function evidenceOf(claim: EvidenceRef): unknown {
  return {
    license: {
      name: claim.says,
      acknowledgement: claim.channel === 'file' ? 'concluded' : 'declared',
      properties: [
        property('channel', claim.channel),
        property('source', claim.source),
        ...(claim.retrieved === null ? [] : [property('retrieved', claim.retrieved)]),
        ...(claim.sha256 === null ? [] : [property('sha256', claim.sha256)]),
      ],
    },
  };
}
