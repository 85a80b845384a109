import { z } from 'zod';
import { JsonScanner } from './json-scanner';
import {
  type Attributes,
  badPriceList,
  checkHead,
  OnDemandTermsSchema,
  PriceCollector,
  type PriceList,
  type Subject,
  subjectOf,
} from './listed';

const ProductSchema = z.object({
  productFamily: z.string().optional(),
  attributes: z.record(z.string(), z.string()).default({}),
});
/** Values at the head of an offer file. */
const HEAD = ['offerCode', 'publicationDate', 'version'] as const;

/**
 * Reads the offer file of the AWS Price List in JSON (`offers/v1.0/aws/AmazonEC2/current/[REGION/]index.json`) as it streams by.
 * Products come before terms in it; of the terms only those on demand of products that are wanted are parsed.
 *
 * @param regions  regions whose prices are wanted
 * @throws KitError E_PRICE_LIST for another offer, a truncated or contradictory file, another currency
 */
export async function readOfferJson(chunks: AsyncIterable<Buffer>, regions: ReadonlySet<string>): Promise<PriceList> {
  const head: Partial<Record<(typeof HEAD)[number], string>> = {};
  const subjects = new Map<string, Subject>();
  const collector = new PriceCollector();
  let productsSeen = false;
  const scanner = new JsonScanner({
    interest: (path) => {
      const [first, second, third] = path;
      if (path.length === 0) return 'enter';
      if (path.length === 1) {
        if (first === 'products') productsSeen = true;
        if (first === 'products' || first === 'terms') return 'enter';
        return HEAD.some((key) => key === first) ? 'take' : 'skip';
      }
      if (first === 'products') return 'take';
      if (second !== 'OnDemand') return 'skip';
      if (path.length === 2) {
        if (!productsSeen) throw badPriceList('its terms stand before its products.');
        checkHead(head.offerCode, head.publicationDate);
        return 'enter';
      }
      return subjects.has(third as string) ? 'take' : 'skip';
    },
    take: (path, text) => {
      const [first, second, third] = path as [string, string, string];
      if (path.length === 1) head[first as keyof typeof head] = String(JSON.parse(text));
      else if (first === 'products') takeProduct(second, text);
      else takeTerms(third, text);
    },
  });

  function takeProduct(sku: string, text: string): void {
    // Most products are no instances; a look at the text is cheaper than parsing them all.
    if (!text.includes('"Compute Instance') && !text.includes('gp3') && !text.includes('"NAT Gateway"')) return;
    const { productFamily, attributes } = ProductSchema.parse(JSON.parse(text));
    const subject = subjectOf(productFamily, attributes as Attributes, regions);
    if (!subject) return;
    subjects.set(sku, subject);
    collector.offer(subject, sku);
  }

  function takeTerms(sku: string, text: string): void {
    const subject = subjects.get(sku) as Subject;
    collector.terms(subject, sku, OnDemandTermsSchema.parse(JSON.parse(text)));
  }

  try {
    for await (const chunk of chunks) scanner.feed(chunk);
    scanner.end();
  } catch (error) {
    if (error instanceof SyntaxError) throw badPriceList(`${error.message}.`);
    if (error instanceof z.ZodError) throw badPriceList(`a row has another shape (${error.issues[0]?.message ?? 'no reason'}).`);
    throw error;
  }
  checkHead(head.offerCode, head.publicationDate);
  return collector.list(head.publicationDate as string, head.version ?? '');
}
