import type * as z from 'zod';
import { problemText, type ContractProblem } from '../../core/contract/problem.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { readYamlSource, type YamlSource } from '../contract/contract-source.ts';
import type { Path, Range } from './source-problem.ts';
import { decodeText } from './source-text.ts';
import { sourceBounds } from './yaml-bounds.ts';

/** How the problems of a kind of file are told. */
export interface YamlFileWords {
  readonly code: string;
  /** The keys below each section, for the word that was most likely meant. A member of a list is `*`: `providers.*`. */
  readonly keysBelow: Readonly<Record<string, readonly string[]>>;
  /** What a value looks like, by key. */
  readonly forms: Readonly<Record<string, string>>;
  readonly next: string;
}

const problemsAtMost = 20;

/**
 * Reads a YAML file by a schema, under the bounds of a contract.
 * @param schemaOf chooses the schema by what the file holds. `below` is for a file that holds one section of another file: `value`
 * then has that section under its key, and problems name it.
 * @throws PlimsollError with the code of `words` (input), which tells each problem: key, file, line and column.
 */
export function readYamlFile<T>(
  bytes: Uint8Array,
  file: string,
  words: YamlFileWords,
  schemaOf: (value: unknown) => { readonly schema: z.ZodType<T>; readonly value: unknown; readonly below?: string },
): T {
  const decoded = decodeText(bytes, sourceBounds.bytes);
  if (!decoded.ok) throw invalid(words, file, [`${file}:${decoded.line}: ${decoded.message}`]);
  const { source, problems } = readYamlSource(decoded.text);
  const syntax = problems.map(({ range, path, message }) => place(words, source, file, { range, path, message }));
  if (syntax.length > 0) throw invalid(words, file, syntax.map(problemText));
  const { schema, value, below = '' } = schemaOf(source.value);
  const result = schema.safeParse(value, { jitless: true });
  if (result.success) return result.data;
  const found = result.error.issues.flatMap((issue) => {
    const path = below === '' ? issue.path : issue.path.slice(1);
    return ofIssue(words, { ...issue, path }, source, below);
  });
  const inOrder = found.toSorted((a, b) => a.range[0] - b.range[0]).map((each) => place(words, source, file, each));
  throw invalid(words, file, inOrder.map(problemText));
}

interface Found {
  readonly range: Range;
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly nearest?: string;
}

function ofIssue(words: YamlFileWords, issue: z.core.$ZodIssue, source: YamlSource, below: string): readonly Found[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const inside = (parts: readonly unknown[]): string => [...(below === '' ? [] : [below]), ...parts].join('.');
  const inTable = (parts: Path): string => inside(parts.map((part) => (typeof part === 'number' ? '*' : part)));
  const section = inside(path);
  if (issue.code === 'unrecognized_keys') {
    const known = words.keysBelow[inTable(path)] ?? [];
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const message = `unknown key \`${key}\` ${section === '' ? 'at the top' : `in \`${section}\``}`;
      const expected = `one of ${known.map((name) => `\`${name}\``).join(', ')}`;
      const inner = [...path, key];
      return {
        range: source.keyRange(inner),
        path: inner,
        message,
        expected,
        ...(meant === null ? {} : { nearest: meant }),
      };
    });
  }
  const own = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const expected = words.forms[inTable(path)] ?? words.forms[inTable(path.slice(0, -1))];
  const range = issue.code === 'invalid_key' ? source.keyRange(path) : source.valueRange(path);
  const isMissing = path.length > 0 && own.endsWith('received undefined');
  const message = isMissing ? `\`${section}\` is missing` : `${section === '' ? 'the file' : `\`${section}\``}: ${own}`;
  return [{ range, path, message, ...(expected === undefined ? {} : { expected }) }];
}

function place(
  words: YamlFileWords,
  source: YamlSource,
  file: string,
  { range, path, ...problem }: Found,
): ContractProblem {
  return { code: words.code, file, key: path.join('.'), ...source.lines.place(...range), ...problem };
}

function invalid({ code, next }: YamlFileWords, file: string, problems: readonly string[]): PlimsollError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new PlimsollError({
    code,
    category: 'input',
    message: `${file} has ${count}\n\n${problems.slice(0, problemsAtMost).join('\n\n')}\n`,
    next,
  });
}
