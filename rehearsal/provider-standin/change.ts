import { isMap, sameValue, UNKNOWN, type Value, type ValueMap } from './protocol/value';
import type { Attribute, Block } from './schema/schema';
import type { Path } from './stand-in';

/** What a type does in a change, beyond its schema. */
export interface ChangeRules {
  /** Paths whose change means a replacement, e.g. "cidr_block" or "encryption_config.resources". */
  readonly forceNew: readonly string[];
  /** Computed attributes that any update changes. */
  readonly onUpdate: readonly string[];
}

/**
 * Plans a change as Terraform's protocol wants it: what the configuration says stays, what only the cloud can say is unknown in a
 * create and as before in an update. Terraform has already put configuration and prior state together in `proposed`.
 */
export function planChange(
  block: Block,
  prior: ValueMap | null,
  proposed: ValueMap,
  rules: ChangeRules,
): { planned: ValueMap; replace: Path[] } {
  if (prior === null) return { planned: withUnknowns(block, proposed), replace: [] };
  if (sameValue(prior, proposed)) return { planned: prior, replace: [] };
  const planned: Record<string, Value> = { ...proposed };
  for (const [name, nested] of Object.entries(block.blocks)) {
    if (!sameValue(prior[name] as Value, proposed[name] as Value))
      planned[name] = eachElement(proposed[name] as Value, (item) => withUnknowns(nested.block, item));
  }
  for (const name of rules.onUpdate) planned[name] = UNKNOWN;
  const replace = rules.forceNew.map((path) => path.split('.')).flatMap((path) => changedPath(prior, planned, path));
  return { planned, replace };
}

/** Fills in what the plan left unknown; `known` answers by path, and what it does not answer is null. */
export function fillUnknowns(planned: Value, known: Readonly<Record<string, Value>>, path = ''): Value {
  if (planned === UNKNOWN) return known[path] ?? null;
  if (Array.isArray(planned)) return planned.map((item) => fillUnknowns(item, known, path));
  if (!isMap(planned)) return planned;
  return Object.fromEntries(
    Object.entries(planned).map(([name, item]) => [name, fillUnknowns(item, known, path === '' ? name : `${path}.${name}`)]),
  );
}

function withUnknowns(block: Block, value: ValueMap): ValueMap {
  const out: Record<string, Value> = { ...value };
  for (const [name, attribute] of Object.entries(block.attributes)) {
    out[name] = attributeWithUnknowns(attribute, value[name] ?? null);
  }
  for (const [name, { block: inner }] of Object.entries(block.blocks)) {
    out[name] = eachElement(value[name] ?? null, (item) => withUnknowns(inner, item));
  }
  return out;
}

function attributeWithUnknowns(attribute: Attribute, value: Value): Value {
  if (value === null && attribute.computed) return UNKNOWN;
  const nested = attribute.nested?.attributes;
  return nested ? eachElement(value, (item) => withUnknowns({ attributes: nested, blocks: {} }, item)) : value;
}

function eachElement(value: Value, change: (item: ValueMap) => ValueMap): Value {
  if (Array.isArray(value)) return value.map((item) => (isMap(item) ? change(item) : item));
  return isMap(value) ? change(value) : value;
}

/** The path as Terraform writes it when its value differs, with index 0 where a block may stand once. */
function changedPath(prior: Value, planned: Value, [name = '', ...rest]: readonly string[], at: Path = []): Path[] {
  const before = isMap(prior) ? (prior[name] ?? null) : null;
  const after = isMap(planned) ? (planned[name] ?? null) : null;
  if (sameValue(before, after)) return [];
  const here = [...at, name];
  if (rest.length === 0) return [here];
  const single = Array.isArray(before) && Array.isArray(after) && before.length === 1 && after.length === 1;
  return single ? changedPath(before[0] as Value, after[0] as Value, rest, [...here, 0]) : [here];
}
