import type { ErrorObject } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { nearest } from '../core/nearest';
import { type KubernetesVersion, kubernetesSchema } from './kubernetes-schema';
import { type ManifestObject, manifestRuleProblems } from './manifest-rules';

/** One thing that is wrong with a rendered object. */
export interface ManifestProblem {
  readonly code: string;
  /** `Kind/name`, or `document N` when it has neither. */
  readonly object: string;
  /** Path inside the object, e.g. `/spec/template/spec/containers/0/image`; empty for the object itself. */
  readonly path: string;
  readonly message: string;
}

/**
 * Checks rendered YAML against the published schemas of a Kubernetes version (unknown kinds, unknown fields, wrong types, missing fields)
 * and against the kit's own rules (`manifest-rules.ts`). An empty list means that every object was checked and nothing was found;
 * a text without any object is itself a problem, since nothing was checked.
 */
export function validateManifests(yamlText: string, version: KubernetesVersion): ManifestProblem[] {
  const documents = parseAllDocuments(yamlText, { uniqueKeys: true });
  if (!Array.isArray(documents)) return [nothingRendered()];
  const problems: ManifestProblem[] = [];
  const objects: ManifestObject[] = [];
  documents.forEach((document, index) => {
    const place = `document ${index + 1}`;
    if (document.errors.length > 0) {
      problems.push(
        ...document.errors.map((error) => problem('E_MANIFEST_SYNTAX', place, '', error.message.split('\n')[0] ?? error.message)),
      );
      return;
    }
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return;
    if (isObject(value)) objects.push(value);
    else problems.push(problem('E_MANIFEST_SYNTAX', place, '', 'is not a mapping.'));
  });
  if (objects.length === 0 && problems.length === 0) return [nothingRendered()];
  return [...problems, ...objects.flatMap((object, index) => checkObject(object, index, version)), ...duplicates(objects)];
}

function checkObject(object: ManifestObject, index: number, version: KubernetesVersion): ManifestProblem[] {
  const name = objectName(object, index);
  const schema = kubernetesSchema(version);
  const validator = schema.validatorOf(String(object.apiVersion), String(object.kind));
  if (!validator) {
    const wanted = `${object.apiVersion}/${object.kind}`;
    const meant = nearest(wanted, schema.kinds);
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    return [problem('E_MANIFEST_KIND', name, '', `Kubernetes ${version} has no kind ${wanted} among those that are checked.${hint}`)];
  }
  const schemaProblems = validator(object) ? [] : meaningful(validator.errors ?? []).map((error) => toProblem(name, error, version));
  const ruleProblems = manifestRuleProblems(object).map(({ path, message, code }) => problem(code, name, path, message));
  return [...schemaProblems, ...ruleProblems];
}

/** A failed int-or-string or quantity reports each branch; the `oneOf` that names the place is enough. */
function meaningful(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = new Set(errors.filter((error) => error.keyword === 'oneOf').map((error) => error.instancePath));
  return errors.filter((error) => error.keyword === 'oneOf' || !unions.has(error.instancePath));
}

function toProblem(object: string, error: ErrorObject, version: KubernetesVersion): ManifestProblem {
  if (error.keyword === 'additionalProperties') {
    const field = String(error.params.additionalProperty);
    return problem('E_MANIFEST_FIELD', object, error.instancePath, `Kubernetes ${version} has no field "${field}" here.`);
  }
  if (error.keyword === 'required') {
    return problem('E_MANIFEST_FIELD', object, error.instancePath, `the field "${error.params.missingProperty}" is missing.`);
  }
  if (error.keyword === 'oneOf') {
    return problem('E_MANIFEST_TYPE', object, error.instancePath, 'is not a quantity (500m, 2Gi) or not an integer or string.');
  }
  return problem('E_MANIFEST_TYPE', object, error.instancePath, `${error.message ?? 'is of the wrong type'}.`);
}

function duplicates(objects: readonly ManifestObject[]): ManifestProblem[] {
  const seen = new Set<string>();
  return objects.flatMap((object, index) => {
    const name = objectName(object, index);
    const key = `${object.apiVersion}/${object.metadata?.namespace ?? ''}/${name}`;
    if (seen.has(key)) return [problem('E_MANIFEST_DUPLICATE', name, '', 'is rendered twice.')];
    seen.add(key);
    return [];
  });
}

function objectName(object: ManifestObject, index: number): string {
  const name = object.metadata?.name;
  return object.kind && name ? `${object.kind}/${name}` : `document ${index + 1}`;
}

function nothingRendered(): ManifestProblem {
  return problem('E_MANIFEST_EMPTY', 'document 1', '', 'there is no object: nothing was checked.');
}

function problem(code: string, object: string, path: string, message: string): ManifestProblem {
  return { code, object, path, message };
}

function isObject(value: unknown): value is ManifestObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
