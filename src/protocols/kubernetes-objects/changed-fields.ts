import { arrayOf, isObject, type JsonObject } from './json-object.ts';

/**
 * Names the fields in which two parts of an object differ: `template.spec.containers[replica].env[MODE]`. Members of lists are
 * told apart by their name where all have one, else by their place. Values are never named: they may be secret.
 */
export function findChangedFields(one: JsonObject, other: JsonObject): readonly string[] {
  return changedAt(one, other, '');
}

function changedAt(one: unknown, other: unknown, at: string): readonly string[] {
  const [named, otherNamed] = [membersOf(one), membersOf(other)];
  if (named === null || otherNamed === null || Array.isArray(one) !== Array.isArray(other)) {
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [at];
  }
  const isList = Array.isArray(one);
  return [...new Set([...Object.keys(named), ...Object.keys(otherNamed)])].flatMap((key) => {
    const isPlain = !isList && /^[\w-]+$/.test(key);
    const path = isPlain ? `${at}${at === '' ? '' : '.'}${key}` : `${at}[${key}]`;
    return changedAt(named[key], otherNamed[key], path);
  });
}

/** Null for what has no members. */
function membersOf(value: unknown): JsonObject | null {
  if (isObject(value)) return value;
  if (!Array.isArray(value)) return null;
  const members = arrayOf(value);
  const names = members.map((each) => (isObject(each) && typeof each['name'] === 'string' ? each['name'] : null));
  const areNamed = names.every((name) => name !== null) && new Set(names).size === names.length;
  return Object.fromEntries(members.map((each, at) => [areNamed ? names[at] : String(at), each]));
}
