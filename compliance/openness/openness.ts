import type { Artifact } from '../../catalog/schema';
import type { JudgedSubject } from '../judge-subject';
import type { MOF_CLASSES, Openness, OpennessComponent } from '../verdict';
import frameworks from './frameworks.json';
import type { WorkType } from './open-licences';
import { describedState, openState } from './open-state';

/**
 * The class of the Model Openness Framework and the Open Source AI Definition, beside each other: MOF class I wants the data itself, OSAID only
 * information on it. Both from the subjects as they are before waivers, which excuse a release but make nothing open.
 *
 * @param beyond  artifacts of the lineage that were not judged at the release's level of openness; they count as unknown
 */
export function opennessOf(judged: readonly JudgedSubject[], beyond: readonly Artifact[]): Openness {
  const answer = (row: Row): OpennessComponent => componentOf(row, judged, beyond);
  const components = frameworks.mof.components.map((row) => ({ ...answer(row as Row), class: row.class as 'III' | 'II' | 'I' }));
  const elements = frameworks.osaid.elements.map((row) => answer(row as Row));
  return {
    mof: {
      version: frameworks.mof.version,
      proven: highestClass(components, (state) => state === 'open' || state === 'conditional'),
      atBest: highestClass(components, (state) => state !== 'closed'),
      components,
    },
    osaid: { version: frameworks.osaid.version, state: osaidState(elements), elements },
  };
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly type: WorkType | 'description';
  readonly kinds: readonly string[];
}

function componentOf(row: Row, judged: readonly JudgedSubject[], beyond: readonly Artifact[]): OpennessComponent {
  const own = judged.filter((each) => row.kinds.includes(each.verdict.kind));
  const unjudged = beyond.filter((artifact) => row.kinds.includes(artifact.kind));
  const subjects = [...own.map((each) => each.verdict.id), ...unjudged.map((artifact) => artifact.id)].sort();
  const { type } = row;
  const answers = own.map((each) => (type === 'description' ? describedState(each) : openState(each, type)));
  const worst = ORDER.flatMap((state) => answers.find((each) => each.state === state) ?? []).at(-1);
  const { id, title } = row;
  if (worst?.state === 'closed') return { id, title, ...worst, subjects };
  if (unjudged.length > 0) {
    const because = `${unjudged.map((artifact) => artifact.id).join(', ')}: not judged, the release does not require it.`;
    return { id, title, state: 'unknown', because, subjects };
  }
  return { id, title, ...(worst ?? { state: 'unknown', because: 'the catalog records none, so nobody has looked.' }), subjects };
}

/** From the best to the worst: one closed part closes the component. */
const ORDER = ['open', 'conditional', 'unknown', 'closed'] as const;
const CLASSES = ['III', 'II', 'I'] as const;

/** Classes stand on each other: class II needs all of class III. */
function highestClass(
  components: readonly { readonly class: string; readonly state: OpennessComponent['state'] }[],
  holds: (state: OpennessComponent['state']) => boolean,
): (typeof MOF_CLASSES)[number] {
  let highest: (typeof MOF_CLASSES)[number] = 'none';
  for (const level of CLASSES) {
    if (!components.filter((component) => component.class === level).every((component) => holds(component.state))) break;
    highest = level;
  }
  return highest;
}

function osaidState(elements: readonly OpennessComponent[]): Openness['osaid']['state'] {
  if (elements.some((element) => element.state === 'closed')) return 'not met';
  return elements.every((element) => element.state === 'open') ? 'met' : 'unknown';
}
