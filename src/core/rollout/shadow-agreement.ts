import { compareGoldenCase } from '../monitoring/golden-comparison.ts';
import type { GoldenTensor } from '../monitoring/golden.ts';
import type { ShadowAgreement } from './routing.ts';

const floating: ReadonlySet<string> = new Set(['FP16', 'BF16', 'FP32', 'FP64']);

/** Whether two answers to one request say the same: names, shapes and datatypes first, then values by the rule. */
export function answersAgree(
  live: readonly GoldenTensor[],
  shadow: readonly GoldenTensor[],
  agreement: ShadowAgreement,
): boolean {
  if (live.length !== shadow.length) return false;
  return live.every((expected) => {
    const actual = shadow.find((tensor) => tensor.name === expected.name);
    if (actual === undefined) return false;
    const pinned = { id: expected.name, inputs: [], outputs: [expected] };
    const { offence } = compareGoldenCase(pinned, [actual], agreement.tolerance);
    if (offence === null) return true;
    if (agreement.rule === 'values' || (offence.rule !== 'value' && offence.rule !== 'arg-max')) return false;
    return sameChoices(expected, actual, agreement);
  });
}

/** Each row's largest element stays where it was, unless it led the second by no more than its band. */
function sameChoices(expected: GoldenTensor, actual: GoldenTensor, { tolerance }: ShadowAgreement): boolean {
  const width = expected.shape.at(-1) ?? 0;
  if (!floating.has(expected.datatype) || width < 2) return false;
  for (let start = 0; start < expected.data.length; start += width) {
    const was = leader(expected, start, width);
    const is = leader(actual, start, width);
    if (was === null || is === null) return false;
    const band = tolerance.absolute + tolerance.relative * Math.abs(was.value);
    if (was.at !== is.at && was.lead > band) return false;
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
