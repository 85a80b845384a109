import type { Catalog, Model } from '../../catalog/schema';
import { KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { findReference, findUnmodelled, type NamedModel, names, type References, type Unmodelled } from './reference';

export type ModelAnswer = ({ readonly kind: 'model' } & NamedModel) | { readonly kind: 'unmodelled'; readonly unmodelled: Unmodelled };

/**
 * A model by its Hub name, with or without organisation, in any case: of the catalogue, of the reference models, or one that is known
 * not to be modelled.
 * @throws KitError E_MODEL_UNKNOWN
 */
export function findEstimateModel(catalog: Catalog, references: References, name: string): ModelAnswer {
  const wanted = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const own: Model | undefined = catalog.models.find((model) => names(model).includes(wanted));
  if (own) return { kind: 'model', model: own, precision: undefined };
  const reference = findReference(references, name);
  if (reference) return { kind: 'model', ...reference };
  const unmodelled = findUnmodelled(references, name);
  if (unmodelled) return { kind: 'unmodelled', unmodelled };
  const models = [...catalog.models, ...references.models];
  const known = models.map((model) => model.id);
  throw new KitError({
    code: 'E_MODEL_UNKNOWN',
    message: `neither the catalogue nor the reference models have "${name}".${suggestion(wanted, models)}`,
    allowed: `${known.join(', ')}.`,
    next: 'give its config.json with --config FILE.',
  });
}

/** The nearest name, or the one that the given name goes on from: `Qwen3-8B-NVFP4` is a Qwen3-8B stored in another way. */
function suggestion(wanted: string, models: readonly Model[]): string {
  const spelled = models.flatMap(({ id, aliases }) => [id, ...aliases]).map(shortName);
  const begun = spelled
    .filter((name) => wanted.startsWith(`${name.toLowerCase()}-`))
    .reduce<string | undefined>((longest, name) => (name.length > (longest?.length ?? 0) ? name : longest), undefined);
  return begun === undefined ? didYouMean(wanted, spelled) : ` Did you mean "${begun}"?`;
}

function shortName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
