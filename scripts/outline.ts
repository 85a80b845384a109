/** A plain value as indented `key: value` lines for people; null is written as "unknown or none". */
export function outline(value: unknown, depth = 0): string {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value))
    return value.map((item) => `${indent}- ${isPlain(item) ? inline(item) : outline(item, depth + 1).trimStart()}`).join('\n');
  if (value === null || typeof value !== 'object') return `${indent}${scalar(value)}`;
  return Object.entries(value)
    .filter(([, child]) => !isEmpty(child))
    .map(([key, child]) => {
      if (child === null || typeof child !== 'object') return `${indent}${key}: ${scalar(child)}`;
      if (Array.isArray(child) && child.every((item) => typeof item !== 'object'))
        return `${indent}${key}: ${child.map(scalar).join(', ')}`;
      return `${indent}${key}:\n${outline(child, depth + 1)}`;
    })
    .join('\n');
}

function scalar(value: unknown): string {
  return value === null ? 'unknown or none' : String(value);
}

/** An object of scalars only is short enough for one line. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    value !== null &&
    typeof value === 'object' &&
    Object.values(value).every((child) => isEmpty(child) || child === null || typeof child !== 'object')
  );
}

function inline(value: Record<string, unknown>): string {
  return Object.entries(value)
    .filter(([, child]) => !isEmpty(child))
    .map(([key, child]) => `${key}: ${scalar(child)}`)
    .join('; ');
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
