import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type Alias,
  type CST,
  type Document,
} from 'yaml';
import { SourceLines } from './source-lines.ts';

export type Path = readonly (string | number)[];
/** Offsets into the text, end excluded. */
export type Range = readonly [start: number, end: number];

export interface SourceProblem {
  readonly code: string;
  readonly range: Range;
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}

/** A YAML file as plain values, and where each of them stands. */
export interface YamlSource {
  readonly lines: SourceLines;
  readonly value: unknown;
  /** Where the key at the path is written; the value for list entries; the whole file when it is not there. */
  keyRange(path: Path): Range;
  valueRange(path: Path): Range;
}

export const sourceBounds = { bytes: 1024 * 1024, depth: 32, values: 20_000 } as const;

/** Reads one YAML document without trusting it: bounded depth, bounded number of values after aliases are followed. */
export function readYamlSource(text: string): { readonly source: YamlSource; readonly problems: SourceProblem[] } {
  const lines = new SourceLines(text);
  const problems = controlCharacters(text);
  const counter = new LineCounter();
  const tokens = [...new Parser(counter.addNewLine).parse(text)];
  const deep = firstDeeperThan(tokens, sourceBounds.depth);
  if (deep !== null) {
    const message = `nested deeper than ${sourceBounds.depth} levels`;
    problems.push({ code: 'too-deep', range: [deep, deep + 1], path: [], message, expected: 'at most 5 levels' });
  }
  if (problems.length > 0) return { source: emptySource(lines), problems };
  const composer = new Composer({ prettyErrors: false, stringKeys: true, lineCounter: counter, logLevel: 'silent' });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) return { source: emptySource(lines), problems };
  for (const error of [...document.errors, ...document.warnings]) problems.push(ofYamlError(error));
  if (second !== undefined) {
    const start = second.range[0];
    const message = 'a second document begins here';
    problems.push({ code: 'yaml-syntax', range: [start, start + 3], path: [], message, expected: 'one document' });
  }
  const reader = new ValueReader(document, problems);
  const value = problems.some(({ code }) => code === 'yaml-syntax') ? undefined : reader.read(document.contents, []);
  return { source: { lines, value, keyRange: reader.keyRange, valueRange: reader.valueRange }, problems };
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
  DUPLICATE_KEY: 'this key is written twice',
};

function ofYamlError(error: { code: string; message: string; pos: [number, number] }): SourceProblem {
  const code = error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax';
  const message = sentences[error.code] ?? `not YAML: ${error.message.replace(/\s+/g, ' ')}`;
  return { code, range: [error.pos[0], Math.max(error.pos[0] + 1, error.pos[1])], path: [], message };
}

/** Offset of the first value nested deeper than `limit`, found without recursion because the depth is not trusted. */
function firstDeeperThan(tokens: readonly CST.Token[], limit: number): number | null {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limit) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}

/** Turns nodes into plain values and remembers where each stood. */
class ValueReader {
  readonly #document: Document;
  readonly #problems: SourceProblem[];
  readonly #ranges = new Map<string, { key?: Range; value: Range }>();
  #values = 0;

  constructor(document: Document, problems: SourceProblem[]) {
    this.#document = document;
    this.#problems = problems;
  }

  readonly keyRange = (path: Path): Range => {
    const found = this.#ranges.get(JSON.stringify(path));
    if (found !== undefined) return found.key ?? found.value;
    return path.length === 0 ? [0, 0] : this.keyRange(path.slice(0, -1));
  };

  readonly valueRange = (path: Path): Range => {
    const found = this.#ranges.get(JSON.stringify(path));
    if (found !== undefined) return found.value[1] > found.value[0] ? found.value : (found.key ?? found.value);
    return path.length === 0 ? [0, 0] : this.keyRange(path.slice(0, -1));
  };

  read(node: unknown, path: Path, key?: Range): unknown {
    const resolved = isAlias(node) ? this.#resolve(node, path) : node;
    const range = rangeOf(node) ?? key ?? [0, 0];
    this.#ranges.set(JSON.stringify(path), key === undefined ? { value: range } : { key, value: range });
    this.#values += 1;
    if (this.#values > sourceBounds.values || path.length > sourceBounds.depth) return this.#tooLarge(range, path);
    if (isScalar(resolved)) return resolved.value;
    if (isSeq(resolved)) return resolved.items.map((item, index) => this.read(item, [...path, index]));
    if (isMap(resolved)) return this.#readMap(resolved.items, path);
    return null;
  }

  #resolve(alias: Alias, path: Path): unknown {
    const target = alias.resolve(this.#document);
    if (target !== undefined) return target;
    const message = `there is no anchor \`&${alias.source}\` for this alias`;
    this.#problems.push({ code: 'yaml-syntax', range: rangeOf(alias) ?? [0, 0], path, message });
    return null;
  }

  #readMap(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): unknown {
    const members: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : '';
      const range = rangeOf(key) ?? [0, 0];
      if (name === '__proto__' || name === '<<') this.#forbiddenKey(name, range, path);
      else if (!Object.hasOwn(members, name)) members[name] = this.read(value, [...path, name], range);
    }
    return members;
  }

  #forbiddenKey(name: string, range: Range, path: Path): void {
    const message = name === '<<' ? 'merge keys (`<<`) are not part of YAML 1.2' : `\`${name}\` cannot be a key`;
    this.#problems.push({ code: 'unknown-key', range, path, message });
  }

  #tooLarge(range: Range, path: Path): null {
    if (this.#problems.some(({ code }) => code === 'too-large')) return null;
    const message = `more than ${sourceBounds.values} values once aliases are followed, or an alias inside itself`;
    this.#problems.push({ code: 'too-large', range, path, message });
    return null;
  }
}

function rangeOf(node: unknown): Range | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const range = node.range as readonly [number, number, number] | null | undefined;
  return range === null || range === undefined ? null : [range[0], range[1]];
}
