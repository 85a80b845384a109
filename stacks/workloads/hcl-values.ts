import { hclJson } from '../gate/hcl-text';

/**
 * Values of a chart as JSON, with expressions of Terraform where a string value equals a marker. The expression is written as JSON itself, so
 * that a list or an object may stand there.
 */
export function hclValues(values: unknown, expressions: Readonly<Record<string, string>> = {}): string {
  const json = hclJson(values);
  return Object.entries(expressions).reduce(
    (text, [marker, expression]) => text.replaceAll(JSON.stringify(marker), `\${jsonencode(${expression})}`),
    json,
  );
}
