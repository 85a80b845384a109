import { createHash } from 'node:crypto';
import { z } from 'zod';
import { badPriceList, checkHead, OnDemandTermsSchema, PriceCollector, type PriceList, subjectOf } from './listed';

/** One product of the Price List API (GetProducts, format aws_v1): a product with its terms, and the list that it stands in. */
const ProductSchema = z.object({
  serviceCode: z.string(),
  publicationDate: z.string(),
  version: z.string(),
  product: z.object({ sku: z.string(), productFamily: z.string().optional(), attributes: z.record(z.string(), z.string()).default({}) }),
  terms: z.object({ OnDemand: OnDemandTermsSchema.optional() }).default({}),
});

export interface ListedProducts {
  readonly list: PriceList;
  /** Of all products as they came, one a line. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Reads products of the Price List API as they come.
 *
 * @param regions  regions whose prices are wanted
 * @throws KitError E_PRICE_LIST for another service, products of two lists, another shape or currency, or none at all
 */
export async function readOfferProducts(products: AsyncIterable<string>, regions: ReadonlySet<string>): Promise<ListedProducts> {
  const collector = new PriceCollector();
  const hash = createHash('sha256');
  let bytes = 0;
  let head: { readonly serviceCode: string; readonly publicationDate: string; readonly version: string } | undefined;
  for await (const text of products) {
    hash.update(`${text}\n`);
    bytes += Buffer.byteLength(text) + 1;
    const row = parse(text);
    head ??= row;
    if (row.version !== head.version || row.publicationDate !== head.publicationDate)
      throw badPriceList(
        `a new one (${row.version}) appeared while ${head.version} was being read.`,
        'run it again; the catalogue is as it was.',
      );
    checkHead(row.serviceCode, row.publicationDate);
    const { sku, productFamily, attributes } = row.product;
    const subject = subjectOf(productFamily, attributes, regions);
    if (!subject) continue;
    collector.offer(subject, sku);
    collector.terms(subject, sku, row.terms.OnDemand ?? {});
  }
  if (!head) throw badPriceList('the API gave no product.', 'name a region that AWS sells in.');
  return { list: collector.list(head.publicationDate, head.version), sha256: hash.digest('hex'), bytes };
}

function parse(text: string): z.output<typeof ProductSchema> {
  try {
    return ProductSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? (error.issues[0]?.message ?? 'no reason') : (error as Error).message;
    throw badPriceList(`a product has another shape (${reason}).`);
  }
}
