import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribute, Block, CtyType, NestedBlock, Nesting } from './schema';

export interface BindingOptions {
  /** Whether nested structures are attributes (providers of protocol 6) instead of blocks. */
  readonly nestedAttributes: boolean;
  /** Attributes that the provider fills in when they are not set, by path, e.g. "vpc_config.public_access_cidrs". */
  readonly optionalComputed: readonly string[];
}

/**
 * Rebuilds the schema of a resource, data source or provider from the pinned CDKTF binding: its JavaScript names every attribute and
 * block with their types, its declarations say what is required. What a binding does not say: sensitive marks, and which optional
 * attributes the provider fills in; the second comes in as a table.
 * @param folder  the module, e.g. …/@cdktf/provider-aws/lib/vpc
 * @throws Error when the module does not look like a binding
 */
export function readBinding(folder: string, options: BindingOptions): Block {
  const script = readFileSync(join(folder, 'index.js'), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const declarations = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  return new Binding(script, declarations, options).root();
}

/** Meta-argument that bindings of providers carry; not part of the schema. */
const META = new Set(['alias']);

class Binding {
  private readonly classes: ReadonlyMap<string, string>;
  private readonly declared: ReadonlyMap<string, string>;

  constructor(
    private readonly script: string,
    declarations: string,
    private readonly options: BindingOptions,
  ) {
    this.classes = new Map(
      [...script.matchAll(/^class (\w+) extends cdktf\.\w+ \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [name, body]),
    );
    this.declared = new Map(
      [...declarations.matchAll(/^export interface (\w+)(?: extends [\w.]+)? \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [
        name,
        body,
      ]),
    );
  }

  root(): Block {
    const [, name, body] = /^class (\w+) extends cdktf\.Terraform\w+ \{\n([\s\S]*?)^\}/m.exec(this.script) ?? [];
    const attributes = /synthesizeHclAttributes\(\) \{([\s\S]*?)remove undefined/.exec(body ?? '')?.[1];
    if (name === undefined || body === undefined) throw new Error('this module is not a binding');
    return this.block({ settable: attributes ?? '', body, declared: this.declared.get(`${name}Config`) ?? '' }, '');
  }

  private block(part: Part, path: string): Block {
    const attributes: Record<string, Attribute> = {};
    const blocks: Record<string, NestedBlock> = {};
    for (const entry of settableEntries(part.settable)) {
      if (META.has(entry.name)) continue;
      const at = `${path}${entry.name}`;
      const required = this.isRequired(part.declared, entry.field);
      const element = /(?<!cdktf\.\w*)\b(\w+)ToHclTerraform\b/.exec(entry.value.replace(/cdktf\.\w+/g, ''))?.[1];
      if (element === undefined) attributes[entry.name] = this.simple(entry, at, required);
      else if (this.options.nestedAttributes) attributes[entry.name] = this.nested(entry, element, at, required);
      else blocks[entry.name] = this.nestedBlock(entry, element, at, required);
    }
    for (const [name, attribute] of this.computedOnly(part.body)) {
      if (!(name in attributes) && !(name in blocks)) attributes[name] = attribute;
    }
    return { attributes, blocks };
  }

  private simple(entry: Entry, path: string, required: boolean): Attribute {
    const type = simpleType(entry);
    if (required) return { type, required };
    const computed = path === 'id' || path === 'region' || path === 'tags_all' || this.options.optionalComputed.includes(path);
    return { type, optional: true, ...(computed ? { computed } : {}) };
  }

  private nested(entry: Entry, element: string, path: string, required: boolean): Attribute {
    const { attributes } = this.block(this.part(element), `${path}.`);
    return { nested: { nesting: nestingOf(entry), attributes }, ...(required ? { required } : { optional: true }) };
  }

  private nestedBlock(entry: Entry, element: string, path: string, required: boolean): NestedBlock {
    const single = entry.type === 'struct';
    const many = /listMapper|hashMapper/.test(entry.value);
    return {
      nesting: nestingOf(entry),
      min: required && !single ? 1 : 0,
      max: single || many ? 0 : 1,
      block: this.block(this.part(element), `${path}.`),
    };
  }

  /** Where an element of a nested structure is described: its converter, its class, its interface. */
  private part(element: string): Part {
    const name = `${element.charAt(0).toUpperCase()}${element.slice(1)}`;
    const converter = new RegExp(`^function ${element}ToHclTerraform\\(struct\\) \\{([\\s\\S]*?)remove undefined`, 'm').exec(
      this.script,
    )?.[1];
    return { settable: converter ?? '', body: this.classes.get(`${name}OutputReference`) ?? '', declared: this.declared.get(name) ?? '' };
  }

  private isRequired(declared: string, field: string): boolean {
    return new RegExp(`^\\s+readonly ${field}: `, 'm').test(declared);
  }

  /** What a class offers to read: `this.getStringAttribute('arn')`, `new XList(this, "x", false)`. */
  private computedOnly(body: string): [string, Attribute][] {
    const marked = [
      ...body.matchAll(/\/\/ (\w+) - computed: true, optional: false, required: false\n([\s\S]*?)(?=\n {4}\}|\n {4}\/\/ |;\n)/g),
    ];
    return marked.map(([, name = '', getter = '']) => [name, { type: this.readType(getter), computed: true }]);
  }

  private readType(getter: string): CtyType {
    const made = /new (\w+)(List|OutputReference|Map)\(this, "\w+"(?:, (true|false))?/.exec(getter);
    if (made) {
      const [, element = '', kind, isSet] = made;
      const object = this.objectType(`${element}OutputReference`);
      if (kind === 'OutputReference') return object;
      return [kind === 'Map' ? 'map' : isSet === 'true' ? 'set' : 'list', object];
    }
    const map = /new cdktf\.(String|Number|Boolean|Any)Map\(/.exec(getter);
    if (map) return ['map', SCALARS[map[1] as keyof typeof SCALARS] ?? 'string'];
    const list = /get(Number)?ListAttribute\(/.exec(getter);
    if (list) return [getter.includes('Fn.tolist') ? 'set' : 'list', list[1] ? 'number' : 'string'];
    const asMap = /get(String|Number|Boolean|Any)MapAttribute\(/.exec(getter);
    if (asMap) return ['map', SCALARS[asMap[1] as keyof typeof SCALARS]];
    const scalar = /get(String|Number|Boolean)Attribute\(/.exec(getter);
    return SCALARS[(scalar?.[1] ?? 'String') as keyof typeof SCALARS];
  }

  private objectType(className: string): CtyType {
    return [
      'object',
      Object.fromEntries(this.computedOnly(this.classes.get(className) ?? '').map(([name, { type }]) => [name, type ?? 'string'])),
    ];
  }
}

interface Part {
  /** Text of the table of what can be set. */
  readonly settable: string;
  readonly body: string;
  readonly declared: string;
}

interface Entry {
  readonly name: string;
  /** Name in the TypeScript interface. */
  readonly field: string;
  readonly value: string;
  readonly type: 'simple' | 'struct' | 'list' | 'set' | 'map';
  readonly storage: string;
}

const SCALARS = { String: 'string', Number: 'number', Boolean: 'bool', Any: 'string' } as const;
const STORAGE: Readonly<Record<string, CtyType>> = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic' };

function settableEntries(text: string): Entry[] {
  const entry = /^\s+(\w+): \{\n\s+value: (.*),\n\s+isBlock: \w+,\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",/gm;
  return [...text.matchAll(entry)].map(([, name = '', value = '', type, storage = '']) => ({
    name,
    value,
    field: /(?:this\._|struct\.)(\w+)/.exec(value)?.[1] ?? name,
    type: type as Entry['type'],
    storage,
  }));
}

function nestingOf({ type }: Entry): Nesting {
  return type === 'struct' || type === 'simple' ? 'single' : type;
}

function simpleType({ type, storage }: Entry): CtyType {
  const element = STORAGE[storage.replace(/(List|Map)+$/, '')] ?? 'string';
  if (type === 'list' || type === 'set' || type === 'map')
    return /(List|Map)(List|Map)$/.test(storage) ? [type, ['list', element]] : [type, element];
  return element;
}
