import type { SubjectVerdict } from '../compliance/verdict';
import type { ModelFacts } from './model-facts';
import { homeOf, packageUrl } from './package-url';
import { spdxExpression } from './spdx-expression';

export type SpdxElement = Readonly<Record<string, unknown>> & { readonly spdxId: string; readonly type: string };

/** The individual of the specification for "nobody has stated a licence". */
export const NO_ASSERTION = 'expandedlicensing_NoAssertionLicense';

interface Content {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const MODELS: readonly string[] = ['weights', 'base-model', 'vision-tower'];
const DATA: readonly string[] = ['dataset', 'data-source'];

/** A subject as a package of the profile that it belongs to, with everything that the profile makes mandatory. */
export function packageElement(subject: SubjectVerdict, model: ModelFacts, agent: string, created: string): Content {
  const purl = packageUrl(subject);
  const common = {
    name: subject.title,
    summary: subject.id,
    software_packageVersion: subject.revision ?? 'no revision',
    ...(purl === null ? {} : { software_packageUrl: purl }),
    software_downloadLocation: homeOf(subject),
  };
  if (MODELS.includes(subject.kind)) {
    return {
      type: 'ai_AIPackage',
      content: {
        ...common,
        ...times(subject, created, ['releaseTime']),
        software_primaryPurpose: 'model',
        suppliedBy: agent,
        ...(subject.kind === 'weights' ? { ai_typeOfModel: [model.family, model.architecture] } : {}),
      },
    };
  }
  if (DATA.includes(subject.kind)) {
    return {
      type: 'dataset_DatasetPackage',
      content: {
        ...common,
        ...times(subject, created, ['releaseTime', 'builtTime']),
        software_primaryPurpose: 'data',
        originatedBy: [agent],
        dataset_datasetType: ['noAssertion'],
      },
    };
  }
  return { type: 'software_Package', content: { ...common, software_primaryPurpose: PURPOSE_OF[subject.kind] ?? 'other' } };
}

const PURPOSE_OF: Readonly<Record<string, string>> = {
  'npm-package': 'library',
  'python-package': 'library',
  'engine-source': 'source',
  'training-code': 'source',
  'remote-code': 'source',
  image: 'container',
  'base-image': 'container',
  tool: 'application',
  kit: 'application',
  'terraform-provider': 'application',
  configs: 'configuration',
  'training-recipe': 'configuration',
  paper: 'documentation',
};

/** The profiles ask for times that no evidence holds. What is written is the latest that they can be, and the comment says that it is. */
function times(subject: SubjectVerdict, created: string, names: readonly string[]) {
  const read = subject.evidence.flatMap((evidence) => evidence.retrieved ?? []).sort();
  const latest = read[0] ? `${read[0].slice(0, 19).replace(/Z$/, '')}Z` : created;
  return {
    ...Object.fromEntries(names.map((name) => [name, latest])),
    comment: `${names.join(' and ')} not known: the time given is ${read[0] ? 'when its evidence was first read' : 'when this document was made'}, so it is not later than that.`,
  };
}

/** A licence: an expression, or the words as they stand where they are no expression. */
export function licenceElement(text: string): Content {
  const expression = spdxExpression(text);
  return expression === null
    ? { type: 'simplelicensing_SimpleLicensingText', content: { name: text, simplelicensing_licenseText: text } }
    : { type: 'simplelicensing_LicenseExpression', content: { simplelicensing_licenseExpression: expression } };
}
