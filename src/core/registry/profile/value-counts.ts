/** Distinct values: exact up to `exactAtMost`, then estimated. */
export interface ValueCounts {
  readonly distinct: number;
  /** False: `distinct` is an estimate with a standard error of 1.6%. */
  readonly exact: boolean;
  /** Values by how often they are there, most first; `countErrorAtMost` below the truth where they are not exact. */
  readonly top: readonly (readonly [value: string, count: number])[];
  readonly countErrorAtMost: number;
  /** Registers of the estimate, two hexadecimal digits each; empty while exact. */
  readonly registers: string;
}

export const exactAtMost = 1_000;
/** 1.04 / sqrt(4096). */
export const distinctStandardErrorShare = 0.01625;
const registersBits = 12;
const registers = 1 << registersBits;
const keyLengthAtMost = 200;

/** A value as the key that it is counted by: JSON, so that the text "1" and the number 1 differ; long text by its hash. */
export function valueKey(value: number | string | boolean): string {
  if (typeof value !== 'string' || value.length <= keyLengthAtMost) return JSON.stringify(value);
  const [high, low] = hash(value);
  return JSON.stringify(
    `${value.slice(0, 100)}... (${value.length} characters, ${high.toString(16)}${low.toString(16)})`,
  );
}

export interface ValueCounter {
  add(value: number | string | boolean): void;
  counts(): ValueCounts;
}

/**
 * Counts by value while there are few. Beyond, the most frequent by Misra and Gries (Finding Repeated Elements, 1982) with
 * 1,000 counters, whose counts are short by at most count / 1001, and merged as in Agarwal et al., Mergeable Summaries
 * (PODS 2012); and the number of values by HyperLogLog (Flajolet et al., 2007) with 4,096 registers.
 */
export function valueCounter(begun: readonly ValueCounts[] = []): ValueCounter {
  const counts = new Map<string, number>();
  let seen: Uint8Array | null = null;
  let short = 0;
  const beginEstimate = (): Uint8Array => {
    const made = new Uint8Array(registers);
    for (const key of counts.keys()) record(made, key);
    return made;
  };
  const shorten = (by: number): void => {
    short += by;
    for (const [key, count] of counts) {
      if (count <= by) counts.delete(key);
      else counts.set(key, count - by);
    }
  };
  const addKey = (key: string, times: number): void => {
    if (seen !== null) record(seen, key);
    const present = counts.get(key);
    if (present !== undefined) counts.set(key, present + times);
    else if (counts.size < exactAtMost) counts.set(key, times);
    else {
      seen ??= beginEstimate();
      record(seen, key);
      shorten(1);
    }
  };
  for (const part of begun) {
    seen = mergedRegisters(seen, part, beginEstimate);
    short += part.countErrorAtMost;
    for (const [key, count] of part.top) {
      if (seen !== null) record(seen, key);
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  if (counts.size > exactAtMost) {
    seen ??= beginEstimate();
    shorten([...counts.values()].sort((a, b) => b - a)[exactAtMost] ?? 0);
  }
  return {
    add: (value) => addKey(valueKey(value), 1),
    counts: () => ({
      distinct: seen === null ? counts.size : estimate(seen),
      exact: seen === null,
      top: [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
      countErrorAtMost: short,
      registers: seen === null ? '' : hexOf(seen),
    }),
  };
}

function mergedRegisters(seen: Uint8Array | null, part: ValueCounts, begin: () => Uint8Array): Uint8Array | null {
  if (part.exact) return seen;
  const merged = seen ?? begin();
  for (let at = 0; at < registers; at += 1) {
    merged[at] = Math.max(merged[at] ?? 0, parseInt(part.registers.slice(2 * at, 2 * at + 2), 16));
  }
  return merged;
}

export function mergedCounts(a: ValueCounts, b: ValueCounts): ValueCounts {
  return valueCounter([a, b]).counts();
}

function record(seen: Uint8Array, key: string): void {
  const [high, low] = hash(key);
  const at = high >>> (32 - registersBits);
  const rest = (high << registersBits) >>> 0;
  const rank = rest !== 0 ? Math.clz32(rest) + 1 : 32 - registersBits + Math.clz32(low) + 1;
  if (rank > (seen[at] ?? 0)) seen[at] = rank;
}

/** With linear counting for small numbers, as the paper has it; 64-bit hashes need no correction for large ones. */
function estimate(seen: Uint8Array): number {
  const alpha = 0.7213 / (1 + 1.079 / registers);
  const raw = (alpha * registers ** 2) / seen.reduce((sum, rank) => sum + 2 ** -rank, 0);
  const empty = seen.reduce((sum, rank) => sum + (rank === 0 ? 1 : 0), 0);
  return Math.round(raw <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : raw);
}

function hexOf(seen: Uint8Array): string {
  return Array.from(seen, (rank) => rank.toString(16).padStart(2, '0')).join('');
}

/** Two mixed 32-bit halves of all UTF-16 units (MurmurHash3's multipliers and finisher). */
function hash(text: string): readonly [high: number, low: number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    b = (b << 15) | (b >>> 17);
  }
  return [finish(a ^ finish(b)), finish(b ^ finish(a + text.length))];
}

function finish(given: number): number {
  let mixed = given ^ (given >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
