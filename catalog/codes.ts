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
  E_PRICE_LIST: {
    title: 'A price list cannot be used',
    meaning:
      'The file is no complete offer file of AmazonEC2 in US dollars, contradicts itself, is older than the prices that are there, or lacks many types that are offered. Prices are taken whole or not at all, so the catalogue is as it was.',
    remedy:
      'Download https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/current/REGION/index.json (or index.csv) anew. --force takes an older or a shorter list; nothing takes a broken one.',
  },
  E_PRICE_DOWNLOAD: {
    title: 'A price list cannot be downloaded',
    meaning: 'The address is wrong, not https, or the connection broke. What came down is kept for the next try.',
    remedy: 'Run the command again: it goes on where it stopped, as long as the file on the server is the same.',
  },
  E_PRICE_OVERRIDES: {
    title: 'A file of contract prices is broken',
    meaning:
      'budget.priceOverrides names a YAML file with source, date and prices or discounts. Each names a type, family or service of the catalogue and a region; an unknown name would be a price that silently counts for nothing.',
    remedy: 'Mend the line that the message names; docs/prices.md has an example.',
  },
  E_CATALOG_KIND: {
    title: 'ovkit catalog was asked for something it does not do',
    meaning: 'It lists or shows models, engines, gpus, instances and prices.',
    remedy: 'See `npx ovkit catalog --help`.',
  },
};
