import { isAlias, isMap, isScalar, isSeq, type Alias } from 'yaml';
import type { Path, Range, SourceProblem } from './source-problem.ts';
import { sourceBounds } from './yaml-bounds.ts';

/** Turns nodes into plain values and remembers where each stood. */
export class ValueReader {
  readonly #problems: SourceProblem[];
  readonly #ranges = new Map<string, { key?: Range; value: Range }>();
  /** The last node of each anchor up to the place that is read: the one that an alias means (YAML 1.2, section 7.1). */
  readonly #anchors = new Map<string, unknown>();
  #values = 0;
  #isTooLarge = false;

  constructor(problems: SourceProblem[]) {
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
    const range = rangeOf(node) ?? key ?? [0, 0];
    this.#values += 1;
    if (this.#values > sourceBounds.values || path.length > sourceBounds.depth) return this.#tooLarge(range, path);
    const resolved = isAlias(node) ? this.#resolve(node, path) : node;
    this.#ranges.set(JSON.stringify(path), key === undefined ? { value: range } : { key, value: range });
    if (resolved === node) this.#remember(node);
    if (isScalar(resolved)) return resolved.value;
    if (isSeq(resolved)) return this.#readList(resolved.items, path);
    if (isMap(resolved)) return this.#readMap(resolved.items, path);
    return null;
  }

  #remember(node: unknown): void {
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node);
  }

  #resolve(alias: Alias, path: Path): unknown {
    if (this.#anchors.has(alias.source)) return this.#anchors.get(alias.source);
    const message = `there is no anchor \`&${alias.source}\` for this alias`;
    this.#problems.push({ code: 'yaml-syntax', range: rangeOf(alias) ?? [0, 0], path, message });
    return null;
  }

  #readList(items: readonly unknown[], path: Path): readonly unknown[] {
    const values: unknown[] = [];
    for (const item of items) {
      if (this.#isTooLarge) break;
      values.push(this.read(item, [...path, values.length]));
    }
    return values;
  }

  #readMap(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): unknown {
    const members: Record<string, unknown> = {};
    for (const { key, value } of items) {
      if (this.#isTooLarge) break;
      this.#remember(key);
      const name = isScalar(key) ? String(key.value) : '';
      const range = rangeOf(key) ?? [0, 0];
      const refused = refusedKey(name, members);
      if (refused === null) members[name] = this.read(value, [...path, name], range);
      else this.#problems.push({ ...refused, range, path });
    }
    return members;
  }

  #tooLarge(range: Range, path: Path): null {
    if (this.#isTooLarge) return null;
    this.#isTooLarge = true;
    const message = `more than ${sourceBounds.values} values once aliases are followed, or an alias inside itself`;
    this.#problems.push({ code: 'too-large', range, path, message, expected: 'fewer values' });
    return null;
  }
}

type Refusal = Pick<SourceProblem, 'code' | 'message'>;

/** Why a mapping cannot take this key. Twice the same is found here: `yaml` compares each key with each other one. */
function refusedKey(name: string, members: Readonly<Record<string, unknown>>): Refusal | null {
  if (name === '<<') return { code: 'unknown-key', message: 'merge keys (`<<`) are not part of YAML 1.2' };
  if (name === '__proto__') return { code: 'unknown-key', message: '`__proto__` cannot be a key' };
  if (name.length > sourceBounds.keyCharacters)
    return { code: 'unknown-key', message: `a key of more than ${sourceBounds.keyCharacters} characters` };
  return Object.hasOwn(members, name) ? { code: 'duplicate-key', message: 'this key is written twice' } : null;
}

function rangeOf(node: unknown): Range | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const range = node.range as readonly [number, number, number] | null | undefined;
  return range === null || range === undefined ? null : [range[0], range[1]];
}
