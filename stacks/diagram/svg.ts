import type { Edge, Graph, Part } from './graph';

/** Pixels. */
const BOX = { width: 212, height: 46, gap: 16 };
/** `lane` is the room on the right of the boxes in which arrows inside a stack run. */
const STACK = { padding: 20, lane: 26, head: 64, gap: 78, top: 20 };
const STACK_WIDTH = BOX.width + 2 * STACK.padding + STACK.lane;
const BOW = 9;

const ABOUT: Readonly<Record<string, string>> = {
  bootstrap: 'once, without the gate',
  network: 'or an existing VPC',
  platform: 'cluster, nodes, money',
  workloads: 'by Helm, in the cluster',
};

interface Placed extends Part {
  readonly x: number;
  readonly y: number;
}

/** The stacks as a picture: a column for each, what a part needs by an arrow to it. Light and dark by the reader's preference. */
export function diagramSvg(graph: Graph): string {
  const placed = place(graph);
  const byId = new Map(placed.map((part) => [part.id, part]));
  const columns = graph.stacks.map((stack) => placed.filter((part) => part.stack === stack));
  const bottom = Math.max(...placed.map(({ y }) => y + BOX.height)) + STACK.padding;
  const width = graph.stacks.length * STACK_WIDTH + (graph.stacks.length - 1) * STACK.gap + 2 * STACK.top;
  const height = bottom + STACK.top + 28;
  const boxes = graph.stacks.map((stack, index) => stackBox(stack, index, columns[index] ?? [], bottom));
  const arrows = graph.edges.map((edge, index) => arrow(edge, byId, index));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif">
<title id="title">The stacks of onevision-kit and what needs what</title>
<desc id="desc">${text(describe(graph))}</desc>
<style>
  :root { --page: #ffffff; --stack: #f3f5f8; --line: #c5ccd6; --box: #ffffff; --ink: #1b2430; --soft: #5a6675; --arrow: #6b7a8d; --gate: #0b6b4f; }
  @media (prefers-color-scheme: dark) { :root { --page: #12161c; --stack: #1b212a; --line: #3a4450; --box: #252d38; --ink: #e8edf3; --soft: #a3afbd; --arrow: #8d9bad; --gate: #5fd3ae; } }
  .page { fill: var(--page); } .stack { fill: var(--stack); stroke: var(--line); } .box { fill: var(--box); stroke: var(--line); } .gate { stroke: var(--gate); stroke-width: 2; }
  .head { font-size: 17px; font-weight: 600; fill: var(--ink); } .title { font-size: 13.5px; fill: var(--ink); } .soft { font-size: 11.5px; fill: var(--soft); }
  .arrow { fill: none; stroke: var(--arrow); stroke-width: 1.3; } .cross { stroke-dasharray: 5 3; } .tip { fill: var(--arrow); }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>
<rect class="page" width="${width}" height="${height}"/>
${[...boxes, ...arrows, ...placed.map(partBox)].join('\n')}
<text class="soft" x="${STACK.top}" y="${height - 14}">An arrow goes from a part to what it needs; dashed ones cross stacks. Every resource but those of bootstrap also waits for the compliance gate of its stack (not drawn).</text>
</svg>
`;
}

/** Below each other by depth: what is needed stands above what needs it. */
function place({ stacks, parts, edges }: Graph): Placed[] {
  return stacks.flatMap((stack, column) => {
    const own = parts.filter((part) => part.stack === stack);
    const depth = depths(own, edges);
    const sorted = [...own].sort((a, b) => Number(isGate(b)) - Number(isGate(a)) || (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
    return sorted.map((part, row) => ({
      ...part,
      x: STACK.top + column * (STACK_WIDTH + STACK.gap) + STACK.padding,
      y: STACK.top + STACK.head + row * (BOX.height + BOX.gap),
    }));
  });
}

function depths(parts: readonly Part[], edges: readonly Edge[]): Map<string, number> {
  const ids = new Set(parts.map(({ id }) => id));
  const inside = edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const found = new Map<string, number>();
  const depth = (id: string, above: readonly string[]): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const below = inside.filter(({ from, to }) => from === id && !above.includes(to)).map(({ to }) => depth(to, [...above, id]) + 1);
    const value = Math.max(0, ...below);
    found.set(id, value);
    return value;
  };
  for (const { id } of parts) depth(id, []);
  return found;
}

function stackBox(stack: string, index: number, parts: readonly Placed[], bottom: number): string {
  const x = STACK.top + index * (STACK_WIDTH + STACK.gap);
  const resources = parts.reduce((sum, part) => sum + part.resources, 0);
  return [
    `<rect class="stack" x="${x}" y="${STACK.top}" width="${STACK_WIDTH}" height="${bottom - STACK.top}" rx="12"/>`,
    `<text class="head" x="${x + STACK.padding}" y="${STACK.top + 30}">${index + 1}. ${text(stack)}</text>`,
    `<text class="soft" x="${x + STACK.padding}" y="${STACK.top + 49}">${text(ABOUT[stack] ?? '')} · ${resources} resources</text>`,
  ].join('\n');
}

function partBox(part: Placed): string {
  const { x, y, title, resources } = part;
  return [
    `<rect class="box${isGate(part) ? ' gate' : ''}" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"/>`,
    `<text class="title" x="${x + 12}" y="${y + 20}">${text(title)}</text>`,
    `<text class="soft" x="${x + 12}" y="${y + 36}">${resources === 1 ? '1 resource' : `${resources} resources`}</text>`,
  ].join('\n');
}

/** Inside a stack a bow on the right side, further out the longer it is; between stacks a curve from the left side to the right side of the other. */
function arrow({ from, to }: Edge, parts: ReadonlyMap<string, Placed>, index: number): string {
  const a = parts.get(from);
  const b = parts.get(to);
  if (!a || !b) return '';
  const middle = BOX.height / 2;
  const shift = ((index % 5) - 2) * 4;
  if (a.stack !== b.stack) {
    const [x1, y1, x2, y2] = [a.x, a.y + middle + shift, b.x + BOX.width, b.y + middle + shift];
    const bend = STACK.gap * 0.75;
    return `<path class="arrow cross" marker-end="url(#tip)" d="M${x1} ${y1} C${x1 - bend} ${y1} ${x2 + bend} ${y2} ${x2 + 1} ${y2}"/>`;
  }
  const rows = Math.abs(a.y - b.y) / (BOX.height + BOX.gap);
  if (rows === 1 && a.y > b.y) {
    const x = a.x + BOX.width / 2;
    return `<path class="arrow" marker-end="url(#tip)" d="M${x} ${a.y} L${x} ${b.y + BOX.height + 1}"/>`;
  }
  const x = a.x + BOX.width;
  const out = x + Math.min((STACK.padding + STACK.lane) * 1.25, 16 + rows * BOW);
  const [y1, y2] = [a.y + middle + shift, b.y + middle + shift];
  return `<path class="arrow" marker-end="url(#tip)" d="M${x} ${y1} C${out} ${y1} ${out} ${y2} ${x + 1} ${y2}"/>`;
}

function isGate({ title }: Part): boolean {
  return title === 'Compliance gate';
}

/** The same in words, for those who do not see it. */
function describe({ stacks, parts, edges }: Graph): string {
  const named = (id: string): string => id.slice(id.indexOf('/') + 1);
  return [
    ...stacks.map(
      (stack) =>
        `${stack}: ${parts
          .filter((part) => part.stack === stack)
          .map(({ title }) => title)
          .join(', ')}.`,
    ),
    ...edges.map(({ from, to }) => `${named(from)} needs ${named(to)}.`),
  ].join(' ');
}

function text(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
