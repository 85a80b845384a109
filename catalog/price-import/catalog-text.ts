import type { Catalog, InstanceType } from '../schema';

/** Text of `instances.json`: one type after the other, its prices one region a line, so that a refresh makes a readable diff. */
export function instancesText(instances: readonly InstanceType[]): string {
  return `[\n${instances.map(instanceText).join(',\n')}\n]\n`;
}

function instanceText({ price, spotUsdPerHourRange, ...facts }: InstanceType): string {
  const head = inline(facts).slice(1, -1);
  const prices = Object.entries(price).map(([region, entry]) => `      ${JSON.stringify(region)}: ${inline(entry)}`);
  return `  { ${head},\n    "price": {\n${prices.join(',\n')}\n    },\n    "spotUsdPerHourRange": ${inline(spotUsdPerHourRange)} }`;
}

/** Text of `prices.json`: the head in lines, one service a line. */
export function pricesText({ services, ...head }: Catalog['prices']): string {
  const lines = JSON.stringify(head, null, 2).slice(0, -2);
  return `${lines},\n  "services": [\n${services.map((service) => `    ${inline(service)}`).join(',\n')}\n  ]\n}\n`;
}

/** JSON on one line with a space after colons and commas. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}: ${inline(child)}`).join(', ')}}`;
}
