/**
 * JSON with sorted keys and two spaces, one fact a line; each member of `devices` takes a line, and so do the names of
 * `labelSets`, because each is read as one thing and a pool has many.
 */
export function poolJson(value: unknown): string {
  return `${print(value, '')}\n`;
}

function print(value: unknown, indent: string, key = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (key === 'labelSets') return oneLine(value);
    const items: unknown[] = value;
    const lines = items.map((item) => (key === 'devices' ? oneLine(item) : print(item, inner)));
    return `[\n${inner}${lines.join(`,\n${inner}`)}\n${indent}]`;
  }
  const lines = membersOf(value).map(([name, member]) => `${JSON.stringify(name)}: ${print(member, inner, name)}`);
  return lines.length === 0 ? '{}' : `{\n${inner}${lines.join(`,\n${inner}`)}\n${indent}}`;
}

function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  const members = membersOf(value).map(([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const membersOf = (value: object): [string, unknown][] =>
  Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
