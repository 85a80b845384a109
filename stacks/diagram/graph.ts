import table from './parts.json';

/** Something drawn: a few resources of one stack that belong together. */
export interface Part {
  /** `network/VPC`. */
  readonly id: string;
  readonly stack: string;
  readonly title: string;
  /** Resources of Terraform behind it. */
  readonly resources: number;
}

/** `from` needs `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  /** In the order of a deploy. */
  readonly stacks: readonly string[];
  readonly parts: readonly Part[];
  /** Without those that follow from others. */
  readonly edges: readonly Edge[];
}

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
}

const PARTS = table.parts.map(({ title, match }) => ({ title, match: match.map(pattern) }));
const GATE = 'Compliance gate';
const REMOTE = /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+)\.outputs\.([\w-]+)/g;
const REFERENCE = /\b(data\.)?((?:aws|helm|terraform)_\w+)\.([\w-]+)/g;
const LOCAL = /\blocal\.([\w-]+)/g;

/**
 * What the synthesised stacks consist of and what needs what: references, `depends_on`, values handed from stack to stack, and data sources that look up by
 * name what another stack makes.
 *
 * @param stacks  parsed cdk.tf.json by name, in the order of a deploy
 */
export function graphOf(stacks: Readonly<Record<string, unknown>>): Graph {
  const counts = new Map<string, { stack: string; title: string; resources: number }>();
  const edges = new Map<string, Edge>();
  for (const [stack, json] of Object.entries(stacks as Readonly<Record<string, StackJson>>)) {
    for (const { address, body } of resourcesOf(json)) {
      const title = titleOf(address);
      if (title === '') continue;
      const id = `${stack}/${title}`;
      const known = counts.get(id);
      counts.set(id, { stack, title, resources: (known?.resources ?? 0) + 1 });
      // a Helm release needs what its provider is configured with: the cluster
      const whole = address.startsWith('helm_') ? [body, json.provider?.helm] : [body];
      for (const to of needs(stack, JSON.stringify(whole), stacks as Readonly<Record<string, StackJson>>, new Set())) {
        if (to !== id && !to.endsWith(`/${GATE}`)) edges.set(`${id} ${to}`, { from: id, to });
      }
    }
  }
  const parts = [...counts].map(([id, rest]) => ({ id, ...rest }));
  const known = new Set(parts.map(({ id }) => id));
  const real = [...edges.values()].filter(({ to }) => known.has(to));
  return { stacks: Object.keys(stacks), parts, edges: reduced(real) };
}

function resourcesOf({ resource = {} }: StackJson): { readonly address: string; readonly body: unknown }[] {
  return Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, body]) => ({ address: `${type}.${name}`, body })),
  );
}

function titleOf(address: string): string {
  const part = PARTS.find(({ match }) => match.some((form) => form.test(address)));
  if (part) return part.title;
  const words = (address.split('.')[0] ?? '').replace(/^aws_/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function pattern(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

/** Ids of the parts that a piece of configuration names, through locals and other stacks too. */
function needs(stack: string, body: unknown, stacks: Readonly<Record<string, StackJson>>, seen: Set<string>): string[] {
  const json = stacks[stack];
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const found: string[] = [];
  const once = (key: string, follow: () => string[]): void => {
    if (seen.has(key)) return;
    seen.add(key);
    found.push(...follow());
  };
  for (const [, from = '', output = ''] of text.matchAll(REMOTE)) {
    once(`${from} output ${output}`, () => needs(from, JSON.stringify(stacks[from]?.output?.[output]?.value ?? ''), stacks, seen));
  }
  for (const [, name = ''] of text.matchAll(LOCAL)) {
    once(`${stack} local ${name}`, () => needs(stack, JSON.stringify(json?.locals?.[name] ?? ''), stacks, seen));
  }
  for (const [, data, type = '', name = ''] of text.matchAll(REFERENCE)) {
    if (data === undefined) {
      const title = titleOf(`${type}.${name}`);
      if (title !== '' && json?.resource?.[type]?.[name] !== undefined) found.push(`${stack}/${title}`);
    } else if (type !== 'terraform_remote_state') {
      once(`${stack} data ${type}.${name}`, () => [
        ...needs(stack, json?.data?.[type]?.[name] ?? '', stacks, seen),
        ...makersOf(type, json?.data?.[type]?.[name], stacks),
      ]);
    }
  }
  return found;
}

/** The part of another stack that a data source looks up by its name. */
function makersOf(type: string, body: unknown, stacks: Readonly<Record<string, StackJson>>): string[] {
  const name = (body as { readonly name?: unknown } | undefined)?.name;
  if (typeof name !== 'string') return [];
  return Object.entries(stacks).flatMap(([stack, { resource }]) =>
    Object.entries(resource?.[type] ?? {})
      .filter(([, made]) => (made as { readonly name?: unknown }).name === name)
      .map(([own]) => `${stack}/${titleOf(`${type}.${own}`)}`),
  );
}

/** Leaves out an edge when a longer way says the same. Parts that need each other keep both. */
function reduced(edges: readonly Edge[]): Edge[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
    (next.get(from) ?? []).some((step) => step === goal || (!seen.has(step) && seen.add(step) && reaches(step, goal, seen)));
  return edges.filter(
    ({ from, to }) =>
      !(next.get(from) ?? []).some(
        (step) => step !== to && reaches(step, to, new Set([from, step])) && !reaches(to, step, new Set([from])),
      ),
  );
}
