import { parseCidr } from '../../../core/cidr';
import { isMap, type Value, type ValueMap } from '../protocol/value';
import { anError, type Diagnostic, type Path } from '../stand-in';
import { valuesAt } from './objects';
import { policyProblem } from './policy';
import rules from './rules.json';

const PATTERNS: Readonly<Record<string, readonly string[]>> = rules.patterns;
/** Source: IAM, "Amazon Resource Names (ARNs)". */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:\S+$/;
const TAG_KEY_CHARACTERS = 128;
const TAG_VALUE_CHARACTERS = 256;
const TAG_FORM = /^[\p{L}\p{N} +\-=._:/@]*$/u;

/** What can be said of a configuration alone; unknown values are passed over. */
export function formProblems(type: string, config: ValueMap): Diagnostic[] {
  return [
    ...patternProblems(type, config),
    ...arnProblems(config),
    ...jsonProblems(type, config),
    ...cidrProblems(config),
    ...tagProblems(config),
  ];
}

function patternProblems(type: string, config: ValueMap): Diagnostic[] {
  return Object.entries(PATTERNS).flatMap(([key, [pattern = '', words = '']]) => {
    const [of, ...path] = key.split('.');
    if (of !== type) return [];
    const form = new RegExp(pattern, 'u');
    return known(config, path.join('.')).flatMap((value) =>
      form.test(String(value)) ? [] : [anError(`${type}: ${path.join('.')} is ${JSON.stringify(value)}`, `Allowed: ${words}.`, path)],
    );
  });
}

function arnProblems(value: Value, path: Path = []): Diagnostic[] {
  if (Array.isArray(value)) return value.flatMap((item) => arnProblems(item, path));
  if (typeof value === 'string' && /(^|_)arns?$/.test(String(path.at(-1))) && value !== '') {
    return ARN.test(value)
      ? []
      : [anError(`${path.join('.')} is no ARN: ${JSON.stringify(value)}`, 'Allowed: arn:partition:service:region:account:resource.')];
  }
  return isMap(value) ? Object.entries(value).flatMap(([name, item]) => arnProblems(item, [...path, name])) : [];
}

function jsonProblems(type: string, config: ValueMap): Diagnostic[] {
  return rules.json.flatMap((name) =>
    known(config, name).flatMap((text) => {
      const problem = policyProblem(type, name, String(text));
      return problem === undefined ? [] : [anError(`${type}: ${name} is not a policy that AWS takes`, problem, [name])];
    }),
  );
}

function cidrProblems(config: ValueMap): Diagnostic[] {
  return rules.cidrs.flatMap((path) =>
    known(config, path)
      .filter((text) => parseCidr(String(text)) === undefined)
      .map((text) =>
        anError(
          `${path} is ${JSON.stringify(text)}`,
          'Allowed: an IPv4 network whose address has no bits behind the prefix, e.g. 10.0.0.0/16.',
        ),
      ),
  );
}

function tagProblems(config: ValueMap): Diagnostic[] {
  const tags = config.tags;
  if (!isMap(tags)) return [];
  return Object.entries(tags).flatMap(([key, value]) => {
    const wrong =
      key.length > TAG_KEY_CHARACTERS ||
      /^aws:/i.test(key) ||
      (typeof value === 'string' && (value.length > TAG_VALUE_CHARACTERS || !TAG_FORM.test(value)));
    return wrong || !TAG_FORM.test(key)
      ? [anError(`tag ${JSON.stringify(key)} is not allowed`, 'See "Tag naming limits and requirements" of AWS.', ['tags'])]
      : [];
  });
}

function known(config: ValueMap, path: string): Value[] {
  return valuesAt(config, path).filter((value) => typeof value === 'string' || typeof value === 'number');
}
