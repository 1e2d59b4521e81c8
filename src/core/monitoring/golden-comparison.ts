import type { GoldenCase, GoldenTensor, GoldenTolerance } from './golden.ts';

type Scalar = number | string | boolean;

/** The first thing that is not as it was pinned. */
export interface GoldenOffence {
  readonly caseId: string;
  readonly output: string;
  readonly rule: 'missing-output' | 'datatype' | 'shape' | 'value' | 'arg-max';
  /** Position in the tensor, one number an axis; null when the whole tensor is meant. */
  readonly index: readonly number[] | null;
  readonly expected: Scalar;
  readonly actual: Scalar;
  /** Allowed |actual - expected|; null where only the very value will do. */
  readonly band: number | null;
}

/** The largest |actual - expected| over all floating-point elements that could be compared. */
export interface GoldenDeviation {
  readonly caseId: string;
  readonly output: string;
  readonly index: readonly number[];
  readonly absolute: number;
  /** Share of its band: above 1 is outside. Infinity when the band is 0 and the value moved. */
  readonly ofBand: number;
}

export interface GoldenComparison {
  readonly verdict: 'pass' | 'fail';
  readonly offence: GoldenOffence | null;
  readonly largest: GoldenDeviation | null;
}

const floating: ReadonlySet<string> = new Set(['FP16', 'BF16', 'FP32', 'FP64']);

/**
 * Compares one answer with its pinned outputs.
 *
 * | element | within when |
 * |---|---|
 * | floating point, finite | \|actual - expected\| <= absolute + relative * \|expected\| |
 * | NaN, Infinity, -Infinity | the very same |
 * | integer, boolean, bytes | the very same |
 *
 * With `argMax`, in each row along the last axis the largest element must stay where it was, if it led the second by more
 * than its band. An output that was not pinned is not looked at. Compares everything, so that `largest` is complete.
 */
export function compareGoldenCase(
  pinned: GoldenCase,
  actual: readonly GoldenTensor[],
  tolerance: GoldenTolerance,
): GoldenComparison {
  let offence: GoldenOffence | null = null;
  let largest: GoldenDeviation | null = null;
  for (const expected of pinned.outputs) {
    const answered = actual.find((tensor) => tensor.name === expected.name);
    const result = compareTensor(pinned.id, expected, answered, tolerance);
    offence ??= result.offence;
    largest = larger(largest, result.largest);
  }
  return { verdict: offence === null ? 'pass' : 'fail', offence, largest };
}

/** Several comparisons as one: the first offence, the largest deviation. None at all is a fail: nothing was shown. */
export function combineComparisons(comparisons: readonly GoldenComparison[]): GoldenComparison {
  const offence = comparisons.find((comparison) => comparison.offence !== null)?.offence ?? null;
  return {
    verdict: offence === null && comparisons.length > 0 ? 'pass' : 'fail',
    offence,
    largest: comparisons.reduce<GoldenDeviation | null>((most, next) => larger(most, next.largest), null),
  };
}

function larger(a: GoldenDeviation | null, b: GoldenDeviation | null): GoldenDeviation | null {
  if (a === null || b === null) return a ?? b;
  return b.ofBand > a.ofBand || (b.ofBand === a.ofBand && b.absolute > a.absolute) ? b : a;
}

interface TensorComparison {
  readonly offence: GoldenOffence | null;
  readonly largest: GoldenDeviation | null;
}

function compareTensor(
  caseId: string,
  expected: GoldenTensor,
  actual: GoldenTensor | undefined,
  tolerance: GoldenTolerance,
): TensorComparison {
  const whole = (rule: GoldenOffence['rule'], was: string, is: string): TensorComparison => ({
    offence: { caseId, output: expected.name, rule, index: null, expected: was, actual: is, band: null },
    largest: null,
  });
  if (actual === undefined) return whole('missing-output', 'an output of this name', 'none');
  if (actual.datatype !== expected.datatype) return whole('datatype', expected.datatype, actual.datatype);
  if (
    actual.shape.length !== expected.shape.length ||
    actual.shape.some((size, axis) => size !== expected.shape[axis])
  ) {
    return whole('shape', shapeText(expected.shape), shapeText(actual.shape));
  }
  if (actual.data.length !== expected.data.length) {
    return whole('shape', `${expected.data.length} elements`, `${actual.data.length} elements`);
  }
  return floating.has(expected.datatype)
    ? compareFloats(caseId, expected, actual, tolerance)
    : compareExactly(caseId, expected, actual);
}

function compareFloats(
  caseId: string,
  expected: GoldenTensor,
  actual: GoldenTensor,
  tolerance: GoldenTolerance,
): TensorComparison {
  let offence: GoldenOffence | null = null;
  let largest: GoldenDeviation | null = null;
  const was = expected.data.map(toNumber);
  const is = actual.data.map(toNumber);
  for (const [position, pinned] of was.entries()) {
    const value = is[position] ?? NaN;
    const index = indexAt(expected.shape, position);
    const band = bandOf(pinned, tolerance);
    if (!Number.isFinite(pinned) || !Number.isFinite(value)) {
      if (Object.is(pinned, value)) continue;
      offence ??= valueOffence(caseId, expected.name, index, pinned, value, Number.isFinite(pinned) ? band : null);
      continue;
    }
    const absolute = Math.abs(value - pinned);
    const ofBand = absolute === 0 ? 0 : absolute / band;
    largest = larger(largest, { caseId, output: expected.name, index, absolute, ofBand });
    if (absolute > band) offence ??= valueOffence(caseId, expected.name, index, pinned, value, band);
  }
  if (offence === null && tolerance.argMax) offence = argMaxOffence(caseId, expected, was, is, tolerance);
  return { offence, largest };
}

function bandOf(expected: number, tolerance: GoldenTolerance): number {
  return tolerance.absolute + tolerance.relative * Math.abs(expected);
}

function valueOffence(
  caseId: string,
  output: string,
  index: readonly number[],
  expected: number,
  actual: number,
  band: number | null,
): GoldenOffence {
  return { caseId, output, rule: 'value', index, expected: jsonNumber(expected), actual: jsonNumber(actual), band };
}

function argMaxOffence(
  caseId: string,
  expected: GoldenTensor,
  was: readonly number[],
  is: readonly number[],
  tolerance: GoldenTolerance,
): GoldenOffence | null {
  const width = expected.shape.at(-1) ?? 0;
  if (width < 2) return null;
  for (let start = 0; start < was.length; start += width) {
    const row = was.slice(start, start + width);
    const lead = leader(row);
    const now = leader(is.slice(start, start + width));
    if (lead === null || now === null || lead.at === now.at) continue;
    const band = bandOf(row[lead.at] ?? 0, tolerance);
    if (lead.margin <= band) continue;
    return {
      caseId,
      output: expected.name,
      rule: 'arg-max',
      index: indexAt(expected.shape, start).slice(0, -1),
      expected: lead.at,
      actual: now.at,
      band,
    };
  }
  return null;
}

/** Where the largest element is and by how much it leads; null for a row with a NaN, which has no largest. */
function leader(row: readonly number[]): { readonly at: number; readonly margin: number } | null {
  let at = 0;
  let second = -Infinity;
  for (const [position, value] of row.entries()) {
    if (Number.isNaN(value)) return null;
    const best = row[at] ?? -Infinity;
    if (position === 0) continue;
    if (value > best) [at, second] = [position, best];
    else if (value > second) second = value;
  }
  const margin = (row[at] ?? 0) - second;
  return { at, margin: Number.isNaN(margin) ? 0 : margin };
}

function compareExactly(caseId: string, expected: GoldenTensor, actual: GoldenTensor): TensorComparison {
  for (const [position, pinned] of expected.data.entries()) {
    const value = actual.data[position] ?? '';
    if (exactForm(pinned, expected.datatype) === exactForm(value, expected.datatype)) continue;
    const index = indexAt(expected.shape, position);
    return {
      offence: {
        caseId,
        output: expected.name,
        rule: 'value',
        index,
        expected: pinned,
        actual: value,
        band: null,
      },
      largest: null,
    };
  }
  return { offence: null, largest: null };
}

/** A 64-bit integer is a number in one server's JSON and text in another's; a boolean may be 0 or 1. */
function exactForm(value: Scalar, datatype: string): string {
  if (datatype === 'BOOL') return value === true || value === 1 || value === 'true' ? 'true' : 'false';
  return String(value);
}

function toNumber(value: Scalar): number {
  return Number(value);
}

function jsonNumber(value: number): Scalar {
  return Number.isFinite(value) ? value : String(value);
}

function indexAt(shape: readonly number[], position: number): readonly number[] {
  const index: number[] = [];
  let rest = position;
  for (const size of [...shape].reverse()) {
    index.unshift(size === 0 ? 0 : rest % size);
    rest = size === 0 ? 0 : Math.floor(rest / size);
  }
  return index;
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** `input 17: probabilities[0, 3] is 0.42, expected 0.91 +/- 0.0001`. */
export function describeOffence(offence: GoldenOffence): string {
  const where = `input ${offence.caseId}: ${offence.output}`;
  const at = offence.index === null ? '' : shapeText(offence.index);
  switch (offence.rule) {
    case 'missing-output':
      return `${where} is missing from the answer`;
    case 'datatype':
      return `${where} is ${offence.actual}, expected ${offence.expected}`;
    case 'shape':
      return `${where} has shape ${offence.actual}, expected ${offence.expected}`;
    case 'arg-max':
      return `${where}${at === '[]' ? '' : at} has its largest element at ${offence.actual}, expected at ${offence.expected}`;
    case 'value':
      return `${where}${at} is ${offence.actual}, expected ${offence.expected}${offence.band === null ? '' : ` +/- ${offence.band}`}`;
  }
}
