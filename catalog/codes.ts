import type { CodeTable } from '../core/codes';

/** Codes of `catalog/`: broken facts, and names that the facts do not hold. */
export const CATALOG_CODES: CodeTable = {
  E_CATALOG_INVALID: {
    title: 'A file of the catalogue is broken',
    meaning:
      'The files in catalog/ are checked on every start, each against its schema and all against each other: unknown keys, wrong units, a GPU that no table holds, a region without a price, numbers that do not add up. A plan from broken facts would be wrong in silence, so there is none.',
    remedy: 'Mend the line that the message names, or take the file from git again with `git checkout -- catalog`.',
  },
  E_MODEL_UNKNOWN: {
    title: 'The catalogue has no such model',
    meaning:
      'The kit sizes and judges only models whose dimensions, files and lineage it knows. Former ids and common short names resolve too.',
    remedy: 'List the models with `npx ovkit catalog list models`, or add a file to catalog/models/.',
  },
  E_ENGINE_UNKNOWN: {
    title: 'The catalogue has no such engine',
    meaning: 'An engine is known with its version and the architectures that this version serves.',
    remedy: 'List the engines with `npx ovkit catalog list engines`.',
  },
  E_GPU_UNKNOWN: {
    title: 'The catalogue has no such GPU',
    meaning: 'GPUs go by a short key such as l4 or l40s.',
    remedy: 'List the GPUs with `npx ovkit catalog list gpus`.',
  },
  E_REGION_UNKNOWN: {
    title: 'The catalogue has no prices for this region',
    meaning: 'Without prices no placement can be chosen. A region that offers a type and a region that was never looked at are told apart.',
    remedy: 'Choose one of the regions that the message lists, or add prices for yours to catalog/instances.json and catalog/prices.json.',
  },
  E_FAMILY_UNKNOWN: {
    title: 'The catalogue has no such instance family or type',
    meaning: 'A name without a dot is a family (g6), one with a dot is a type (g6.xlarge).',
    remedy: 'List the types with `npx ovkit catalog list instances`.',
  },
  E_SERVICE_UNKNOWN: {
    title: 'The catalogue has no price of such a service',
    meaning: 'Prices of what stands around the nodes go by a short key such as nat-gateway-hour.',
    remedy: 'List them with `npx ovkit catalog list prices`.',
  },
  E_CATALOG_KIND: {
    title: 'ovkit catalog was asked for something it does not do',
    meaning: 'It lists or shows models, engines, gpus, instances and prices.',
    remedy: 'See `npx ovkit catalog --help`.',
  },
};
