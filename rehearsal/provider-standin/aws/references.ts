import type { Cloud, CloudObject } from '../cloud';
import type { ValueMap } from '../protocol/value';
import { anError, type Diagnostic } from '../stand-in';
import { ruleOf, valuesAt } from './objects';

/** An object may not refer to what does not exist, nor exist twice. */
export function referenceProblems(cloud: Cloud, type: string, value: ValueMap): Diagnostic[] {
  const objects = cloud.all();
  return referencesOf(type, value)
    .filter(({ target, key, reference }) => !objects.some((object) => target.includes(object.type) && object.value[key] === reference))
    .map(({ path, target, reference }) =>
      anError(
        `${type}: ${path} refers to what does not exist`,
        `There is no ${target.join(' or ')} "${reference}" in the stand-in's account.`,
      ),
    );
}

/** AWS refuses a second object of the same name; a create whose answer was lost shows up here. */
export function duplicateProblems(cloud: Cloud, type: string, value: ValueMap): Diagnostic[] {
  const { unique } = ruleOf(type);
  if (unique === undefined) return [];
  const nameOf = (object: ValueMap): string => unique.map((path) => String(valuesAt(object, path)[0] ?? '')).join('/');
  const name = nameOf(value);
  const taken = cloud.ofType(type).some((object) => nameOf(object.value) === name);
  return taken
    ? [anError(`${type} "${name}" already exists`, 'Import it, or delete it: the stand-in, like AWS, keeps this name once.')]
    : [];
}

/** What others still refer to cannot go. */
export function dependencyProblems(cloud: Cloud, gone: CloudObject): Diagnostic[] {
  const users = cloud
    .all()
    .filter((other) =>
      referencesOf(other.type, other.value).some(
        ({ target, key, reference }) => target.includes(gone.type) && gone.value[key] === reference,
      ),
    );
  return users.length === 0
    ? []
    : [
        anError(
          `${gone.type} ${gone.id} is in use (DependencyViolation)`,
          `It is referred to by ${users.map((user) => `${user.type} ${user.id}`).join(', ')}.`,
        ),
      ];
}

interface Reference {
  readonly path: string;
  /** Types that it may be. */
  readonly target: readonly string[];
  readonly key: string;
  readonly reference: string;
}

function referencesOf(type: string, value: ValueMap): Reference[] {
  return Object.entries(ruleOf(type).references ?? {}).flatMap(([path, to]) => {
    const [types = '', key = 'id'] = to.split('.');
    const target = types.split('|');
    return valuesAt(value, path)
      .filter((reference) => typeof reference === 'string' && reference !== '')
      .map((reference) => ({ path, target, key, reference: reference as string }));
  });
}
