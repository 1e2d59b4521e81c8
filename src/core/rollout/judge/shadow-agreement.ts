import type { GoldenTensor, GoldenTolerance } from '../../monitoring/golden.ts';
import type { ShadowAgreement } from '../routing/routing.ts';

const floating: ReadonlySet<string> = new Set(['FP16', 'BF16', 'FP32', 'FP64']);

/** So many elements take about a millisecond. */
const elementsAStep = 16_384;
/** What an output costs beside its elements. */
const outputCost = 64;

/** As `agreementSteps`, all of them at once. */
export function answersAgree(
  live: readonly GoldenTensor[],
  shadow: readonly GoldenTensor[],
  agreement: ShadowAgreement,
): boolean {
  const steps = agreementSteps(live, shadow, agreement);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * Whether two answers to one request say the same: names, shapes and datatypes first, then values by the rule. A float is
 * within its band, and an arg-max stays, as `compareGoldenCase` (monitoring) has it; what is compared here is told no details
 * of, but may be large, and so it is done in short steps. The last one returns the outcome.
 */
export function* agreementSteps(
  live: readonly GoldenTensor[],
  shadow: readonly GoldenTensor[],
  agreement: ShadowAgreement,
): Generator<null, boolean> {
  if (live.length !== shadow.length) return false;
  const pace = new Pace();
  const named = new Map<string, GoldenTensor>();
  for (const tensor of shadow) if (!named.has(tensor.name)) named.set(tensor.name, tensor);
  for (const expected of live) {
    if (pace.isOver(outputCost)) yield null;
    const actual = named.get(expected.name);
    if (actual === undefined || !sameForm(expected, actual)) return false;
    if (!(yield* tensorAgrees(expected, actual, agreement, pace))) return false;
  }
  return true;
}

/** Counts what a step has done. */
class Pace {
  #spent = 0;

  /** True when the step is long enough. */
  isOver(elements: number): boolean {
    this.#spent += elements;
    if (this.#spent < elementsAStep) return false;
    this.#spent = 0;
    return true;
  }
}

function sameForm(a: GoldenTensor, b: GoldenTensor): boolean {
  if (a.datatype !== b.datatype || a.data.length !== b.data.length || a.shape.length !== b.shape.length) return false;
  return a.shape.every((size, axis) => size === b.shape[axis]);
}

/**
 * | values are within their bands | arg-max of each row | rule `values` | rule `arg-max` |
 * |---|---|---|---|
 * | yes | is not asked for by the tolerance, or stays | agrees | agrees |
 * | yes | moves | does not | does not |
 * | no | stays in each row, and no row has a NaN | does not | agrees |
 * | no | anything else, or rows are shorter than two | does not | does not |
 */
function* tensorAgrees(
  expected: GoldenTensor,
  actual: GoldenTensor,
  { rule, tolerance }: ShadowAgreement,
  pace: Pace,
): Generator<null, boolean> {
  const within = yield* valuesAgree(expected, actual, tolerance, pace);
  if (!floating.has(expected.datatype)) return within;
  const width = expected.shape.at(-1) ?? 0;
  if (within && (!tolerance.argMax || width < 2)) return true;
  if (within || (rule === 'arg-max' && width >= 2)) {
    return yield* choicesStay(expected, actual, width, { tolerance, withoutLeader: within }, pace);
  }
  return false;
}

function* valuesAgree(
  expected: GoldenTensor,
  actual: GoldenTensor,
  tolerance: GoldenTolerance,
  pace: Pace,
): Generator<null, boolean> {
  const isFloating = floating.has(expected.datatype);
  const isBoolean = expected.datatype === 'BOOL';
  for (let position = 0; position < expected.data.length; position += 1) {
    if (pace.isOver(1)) yield null;
    const pinned = expected.data[position] ?? '';
    const value = actual.data[position] ?? '';
    if (isFloating) {
      if (!isWithin(Number(pinned), Number(value), tolerance)) return false;
    } else if (isBoolean ? isTrue(pinned) !== isTrue(value) : String(pinned) !== String(value)) return false;
  }
  return true;
}

function isWithin(pinned: number, value: number, { absolute, relative }: GoldenTolerance): boolean {
  if (!Number.isFinite(pinned) || !Number.isFinite(value)) return Object.is(pinned, value);
  return Math.abs(value - pinned) <= absolute + relative * Math.abs(pinned);
}

function isTrue(value: number | string | boolean): boolean {
  return value === true || value === 1 || value === 'true';
}

/** Each row's largest element stays where it was, unless it led the second by no more than its band. */
function* choicesStay(
  expected: GoldenTensor,
  actual: GoldenTensor,
  width: number,
  { tolerance, withoutLeader }: { readonly tolerance: GoldenTolerance; readonly withoutLeader: boolean },
  pace: Pace,
): Generator<null, boolean> {
  for (let start = 0; start < expected.data.length; start += width) {
    // A row is not cut: its scan is the cheapest part of all, a few nanoseconds an element.
    if (pace.isOver(width)) yield null;
    const was = leader(expected, start, width);
    const is = leader(actual, start, width);
    if (was === null || is === null) {
      if (withoutLeader) continue;
      return false;
    }
    const band = tolerance.absolute + tolerance.relative * Math.abs(was.value);
    if (was.at !== is.at && !(was.lead <= band)) return false;
  }
  return true;
}

/** Null for a row with a NaN, which has no largest. */
function leader(
  { data }: GoldenTensor,
  start: number,
  width: number,
): { readonly at: number; readonly value: number; readonly lead: number } | null {
  let at = -1;
  let value = -Infinity;
  let second = -Infinity;
  for (let position = 0; position < width; position += 1) {
    const element = Number(data[start + position]);
    if (Number.isNaN(element)) return null;
    if (at < 0 || element > value) [at, second, value] = [position, value, element];
    else if (element > second) second = element;
  }
  // Infinity less Infinity: two that are equally large.
  return { at, value, lead: value === second ? 0 : value - second };
}
