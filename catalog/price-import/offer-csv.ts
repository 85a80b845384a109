import { type Attributes, badPriceList, checkHead, PriceCollector, type PriceList, subjectOf } from './listed';

/** Heads of the CSV format, by the name that the same attribute has in the JSON format. */
const COLUMNS = {
  sku: 'SKU',
  termType: 'TermType',
  unit: 'Unit',
  price: 'PricePerUnit',
  currency: 'Currency',
  family: 'Product Family',
  instanceType: 'Instance Type',
  locationType: 'Location Type',
  tenancy: 'Tenancy',
  operatingSystem: 'Operating System',
  operation: 'operation',
  capacitystatus: 'CapacityStatus',
  preInstalledSw: 'Pre Installed S/W',
  regionCode: 'Region Code',
  usagetype: 'usageType',
} as const;
/** Columns that older files do not have. */
const OPTIONAL_COLUMNS = { marketoption: 'MarketOption', volumeApiName: 'Volume API Name' } as const;

const QUOTE = 0x22;
const LF = 0x0a;
/** A row of a price list has about 2 kB. */
const MAX_ROW_BYTES = 2 ** 20;
/** Words of the rows that are wanted; a look at the text is cheaper than taking all rows apart. */
const WANTED = /"(Compute Instance|NAT Gateway)|"gp3"/;

/**
 * Reads the offer file of the AWS Price List in CSV as it streams by: five lines of head (format, disclaimer, publication date, version, offer),
 * the names of the columns, then one row per price.
 *
 * A CSV cut off exactly between two rows looks complete; only the guard against vanished types can see that.
 * @throws KitError E_PRICE_LIST
 */
export async function readOfferCsv(chunks: AsyncIterable<Buffer>, regions: ReadonlySet<string>): Promise<PriceList> {
  const head = new Map<string, string>();
  const collector = new PriceCollector();
  let columns: ReadonlyMap<string, number> | undefined;
  let width = 0;

  const onRow = (text: string): void => {
    if (columns && !(text.includes('"OnDemand"') && WANTED.test(text))) return;
    const row = fieldsOf(text.replace(/\r$/, ''));
    if (columns) {
      onPrice(row, columns);
      return;
    }
    if (row[0] !== COLUMNS.sku) {
      head.set(row[0] ?? '', row[1] ?? '');
      return;
    }
    checkHead(head.get('OfferCode'), head.get('Publication Date'));
    columns = columnsOf(row);
    width = row.length;
  };
  const onPrice = (row: readonly string[], at: ReadonlyMap<string, number>): void => {
    if (row.length !== width) throw badPriceList(`a row has ${row.length} fields instead of ${width}.`);
    const field = (name: string): string | undefined => {
      const index = at.get(name);
      return index === undefined ? undefined : row[index];
    };
    if (field('termType') !== 'OnDemand') return;
    const attributes: Attributes = Object.fromEntries([...at.keys()].map((name) => [name, field(name)]));
    const subject = subjectOf(field('family'), attributes, regions);
    if (!subject) return;
    collector.price(subject, field('sku') ?? '', field('currency') ?? 'nothing', field('price') ?? '', field('unit') ?? '');
  };

  const rows = new CsvRows(onRow);
  for await (const chunk of chunks) rows.feed(chunk);
  rows.end();
  if (!columns) checkHead(head.get('OfferCode'), head.get('Publication Date'));
  if (!columns) throw badPriceList('it has no rows.');
  return collector.list(head.get('Publication Date') as string, head.get('Version') ?? '');
}

function columnsOf(row: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map(row.map((name, index) => [name, index]));
  const found = new Map<string, number>();
  for (const [name, title] of Object.entries({ ...COLUMNS, ...OPTIONAL_COLUMNS })) {
    const index = places.get(title);
    if (index !== undefined) found.set(name, index);
    else if (name in COLUMNS) throw badPriceList(`the column "${title}" is missing.`);
  }
  return found;
}

/** Rows of a CSV document (RFC 4180) in chunks, as text; a line feed inside quotes does not end a row. */
class CsvRows {
  readonly #onRow: (row: string) => void;
  #rest: Buffer = Buffer.alloc(0);
  #quoted = false;

  constructor(onRow: (row: string) => void) {
    this.#onRow = onRow;
  }

  feed(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === LF && !this.#quoted) {
        const row = chunk.subarray(start, at);
        this.#onRow((this.#rest.length === 0 ? row : Buffer.concat([this.#rest, row])).toString('utf8'));
        this.#rest = Buffer.alloc(0);
        start = at + 1;
      }
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
    if (this.#rest.length > MAX_ROW_BYTES) throw badPriceList(`a row has more than ${MAX_ROW_BYTES} bytes.`);
  }

  end(): void {
    if (this.#rest.length > 0) throw badPriceList('it ends in the middle of a row.');
  }
}

function fieldsOf(row: string): string[] {
  const fields: string[] = [];
  // A comma, and a field in quotes, in which two quotes are one, or one without.
  for (const [, quoted, plain] of `,${row}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)) {
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  }
  return fields;
}
