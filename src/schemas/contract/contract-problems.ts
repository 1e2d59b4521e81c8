import type { $ZodIssue, $ZodIssueInvalidKey } from 'zod/v4/core';
import type { Contradiction } from '../../core/contract/contradictions.ts';
import { keyDocAt, keyDocs, keysUnder, type KeyDoc } from '../../core/contract-keys/keys.ts';
import type { ContractProblem } from '../../core/contract/problem.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { SourcePlace } from './source-lines.ts';
import type { IssueFacts } from './contract-forms.ts';
import type { YamlSource } from './contract-source.ts';
import type { Path, Range, SourceProblem } from '../source/source-problem.ts';

interface Facts extends IssueFacts {
  readonly found?: string | undefined;
}

/** A problem whose line and column are not worked out yet: that costs the length of a line, and few are shown. */
export interface FoundProblem extends Omit<ContractProblem, 'file' | keyof SourcePlace> {
  readonly range: Range;
}

/** A message may hold what the file holds, and that may be a mebibyte. */
const mostCharacters = 400;
const clip = (text: string): string => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}...` : text);

export function placed({ range, ...problem }: FoundProblem, source: YamlSource, file: string): ContractProblem {
  const { code, key, message, found } = problem;
  const shown = { key: clip(key), message: clip(message), ...(found === undefined ? {} : { found: clip(found) }) };
  return { ...problem, code, file, ...source.lines.place(range[0], range[1]), ...shown };
}

function problemAt(range: Range, path: Path, code: string, message: string, facts: Facts = {}): FoundProblem {
  const { expected, found, nearest: meant } = facts;
  return {
    code: facts.code ?? code,
    range,
    key: keyText(path),
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    ...(meant === undefined ? {} : { nearest: meant }),
  };
}

export function ofSourceProblem(problem: SourceProblem): FoundProblem {
  return problemAt(problem.range, problem.path, problem.code, problem.message, problem);
}

export function ofContradiction({ path, message, expected }: Contradiction, source: YamlSource): FoundProblem {
  return problemAt(source.valueRange(path), path, 'contradiction', message, { expected });
}

/** One issue of zod as problems with a place, in the words of the key's documentation. */
export function ofIssue(issue: $ZodIssue, source: YamlSource): readonly FoundProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], source));
  if (issue.code === 'invalid_key') return [invalidName(issue, path, source)];
  if (valueAt(source.value, path) === undefined) return [missingKey(path, source)];
  return [wrongValue(issue, path, source)];
}

/**
 * Paths of keys that the contract does not have, found apart from the schema so that a mistake beside them hides none.
 * Nothing below such a key is looked at.
 */
export function unknownPaths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, index) => unknownPaths(item, [...path, index]));
  }
  return Object.entries(value).flatMap(([key, member]) => {
    const inner = [...path, key];
    return keyDocAt(inner) === null ? [inner] : unknownPaths(member, inner);
  });
}

/** Whether the issue only repeats that one of these keys is unknown, or speaks of something inside it. */
export function isSaidBy(issue: $ZodIssue, unknown: readonly Path[]): boolean {
  const isUnder = (path: readonly PropertyKey[]): boolean =>
    unknown.some((parent) => parent.every((part, index) => path[index] === part));
  if (issue.code === 'unrecognized_keys') return issue.keys.every((key) => isUnder([...issue.path, key]));
  return isUnder(issue.path);
}

export function unknownKey(path: Path, source: YamlSource): FoundProblem {
  const [key, parent] = [String(path.at(-1)), path.slice(0, -1)];
  const known = keysUnder(parent);
  const chosen = keyDocAt([...parent, 'p50'])?.key.endsWith('<quantile>') === true ? ['a quantile such as `p90`'] : [];
  const where = parent.length === 0 ? 'at the top' : `in \`${keyText(parent)}\``;
  const allowed = [...known.map((name) => `\`${name}\``), ...chosen];
  // The very word in another section is meant before a word that is only near.
  const meant = elsewhere(key) ?? nearest(key, known);
  return problemAt(source.keyRange(path), path, 'unknown-key', `unknown key \`${key}\` ${where}`, {
    expected: allowed.length === 0 ? 'no key here' : `${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}`,
    ...(meant === null ? {} : { nearest: meant }),
  });
}

/** The same word in another section: somebody wrote it one level too high or too low. */
function elsewhere(key: string): string | null {
  return keyDocs.find((doc) => doc.key.split('.').at(-1) === key)?.key ?? null;
}

function invalidName(issue: $ZodIssueInvalidKey, path: Path, source: YamlSource): FoundProblem {
  const parent = path.slice(0, -1);
  const own = issue.issues.find(({ code }) => code === 'custom');
  const message = own?.message ?? `\`${String(path.at(-1))}\` cannot be a key of \`${keyText(parent)}\``;
  const expected = keyDocAt(parent)?.form;
  return problemAt(source.keyRange(path), path, 'unknown-key', message, expected === undefined ? {} : { expected });
}

export function emptyFile(): FoundProblem {
  const expected = 'a mapping that begins with `apiVersion: plimsoll.dev/v1`';
  return problemAt([0, 0], [], 'empty', 'the file holds no contract', { expected });
}

function missingKey(path: Path, source: YamlSource): FoundProblem {
  const [key, parent] = [String(path.at(-1)), path.slice(0, -1)];
  const doc = keyDocAt(path);
  const message = `\`${key}\` is missing${parent.length === 0 ? '' : ` in \`${keyText(parent)}\``}`;
  const expected = doc === null ? 'it' : `${doc.form}; such as \`${key}: ${doc.example}\``;
  return problemAt(source.keyRange(parent), path, 'missing-key', message, { expected });
}

function wrongValue(issue: $ZodIssue, path: Path, source: YamlSource): FoundProblem {
  const value = valueAt(source.value, path);
  const inner = issue.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code === 'custom') : undefined;
  const custom = issue.code === 'custom' ? issue : inner;
  const expected = docFor(path)?.form ?? 'sections such as `service` and `code`';
  if (custom?.code === 'custom') {
    const facts: Facts = { expected, ...custom.params };
    return problemAt(source.valueRange(path), path, 'wrong-form', custom.message, facts);
  }
  const name = path.length === 0 ? 'the file' : `\`${keyText(path)}\``;
  const aside = issue.code === 'invalid_value' && !issue.message.startsWith('Invalid ') ? `: ${issue.message}` : '';
  const meant =
    issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : null;
  const found = describe(value, expected.includes('text') || expected.includes('in quotes'));
  return problemAt(source.valueRange(path), path, 'wrong-form', `${name} has the wrong form${aside}`, {
    expected,
    found,
    ...(meant === null ? {} : { nearest: meant }),
  });
}

/** A plain list is documented as a whole; its entries share that. */
function docFor(path: Path): KeyDoc | null {
  return keyDocAt(path) ?? (typeof path.at(-1) === 'number' ? keyDocAt(path.slice(0, -1)) : null);
}

function describe(value: unknown, wantsText: boolean): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a section';
  if (typeof value === 'string') return `the text \`${value.length > 60 ? `${value.slice(0, 60)}...` : value}\``;
  const kind = typeof value === 'number' ? 'the number' : 'the truth value';
  return `${kind} \`${String(value)}\`${wantsText ? ', which is no text until it stands in quotes' : ''}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

/** `evaluation.gates[0].metric`. */
function keyText(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}
