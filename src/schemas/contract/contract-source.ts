import { Composer } from 'yaml';
import { SourceLines } from './source-lines.ts';
import type { Path, Range, SourceProblem } from '../source/source-problem.ts';
import { readYamlTokens } from '../source/yaml-tokens.ts';
import { ValueReader } from '../source/yaml-values.ts';

/** A YAML file as plain values, and where each of them stands. */
export interface YamlSource {
  readonly lines: SourceLines;
  readonly value: unknown;
  /** Where the key at the path is written; the value for list entries; the whole file when it is not there. */
  keyRange(path: Path): Range;
  valueRange(path: Path): Range;
}

/** More of them say nothing new, and a hostile file holds one at each character. */
const mostProblems = 1_000;

/** Reads one YAML document without trusting it: see `sourceBounds`. */
export function readYamlSource(text: string): { readonly source: YamlSource; readonly problems: SourceProblem[] } {
  const lines = new SourceLines(text);
  const problems = controlCharacters(text);
  const read = readYamlTokens(text);
  if (!read.ok) problems.push(read.problem);
  if (problems.length > 0 || !read.ok) return { source: emptySource(lines), problems };
  // Two equal keys are found by the reader of values: here each key would be compared with each other one.
  const composer = new Composer({ prettyErrors: false, stringKeys: true, uniqueKeys: false, logLevel: 'silent' });
  const documents = composer.compose(read.tokens, true, text.length);
  const document = documents.next().value;
  if (document === undefined) return { source: emptySource(lines), problems };
  const second = documents.next().value;
  for (const error of [...document.errors, ...document.warnings].slice(0, mostProblems))
    problems.push(ofYamlError(error));
  if (second !== undefined) {
    const start = second.range[0];
    const message = 'a second document begins here';
    problems.push({ code: 'yaml-syntax', range: [start, start + 3], path: [], message, expected: 'one document' });
  }
  const reader = new ValueReader(problems);
  const value = problems.some(({ code }) => code === 'yaml-syntax') ? undefined : reader.read(document.contents, []);
  const { keyRange, valueRange } = reader;
  return { source: { lines, value, keyRange, valueRange }, problems: problems.slice(0, mostProblems) };
}

function emptySource(lines: SourceLines): YamlSource {
  return { lines, value: undefined, keyRange: () => [0, 0], valueRange: () => [0, 0] };
}

function controlCharacters(text: string): SourceProblem[] {
  // eslint would call this pattern a mistake in a literal; YAML 1.2 section 5.1 names exactly these as not printable.
  const found = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]').exec(text);
  if (found === null) return [];
  const point = found[0].codePointAt(0) ?? 0;
  const message = `control character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return [{ code: 'yaml-syntax', range: [found.index, found.index + 1], path: [], message, expected: 'plain text' }];
}

const sentences: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab is used for indentation; YAML wants spaces',
};

function ofYamlError(error: { code: string; message: string; pos: [number, number] }): SourceProblem {
  const message = sentences[error.code] ?? `not YAML: ${error.message.replace(/\s+/g, ' ')}`;
  return { code: 'yaml-syntax', range: [error.pos[0], Math.max(error.pos[0] + 1, error.pos[1])], path: [], message };
}
