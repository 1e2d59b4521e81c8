import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareGoldenCase } from '../../monitoring/golden-comparison.ts';
import type { GoldenTensor } from '../../monitoring/golden.ts';
import { defaultShadowAgreement, type ShadowAgreement } from '../routing/routing.ts';
import { agreementSteps, answersAgree } from './shadow-agreement.ts';

const tensor = (data: GoldenTensor['data'], more: Partial<GoldenTensor> = {}): GoldenTensor => ({
  name: 'scores',
  datatype: 'FP32',
  shape: [1, data.length],
  data,
  ...more,
});
const values: ShadowAgreement = { ...defaultShadowAgreement, rule: 'values' };
const argMax = defaultShadowAgreement;

test.each([
  ['the same', tensor([0.1, 0.9]), tensor([0.1, 0.9]), true, true],
  ['inside the band', tensor([0.1, 0.9]), tensor([0.10005, 0.9004]), true, true],
  ['other scores, same choice', tensor([0.1, 0.9]), tensor([0.4, 0.6]), false, true],
  ['another choice', tensor([0.1, 0.9]), tensor([0.6, 0.4]), false, false],
  ['another choice after a tie', tensor([0.50001, 0.5]), tensor([0.4, 0.6]), false, true],
  ['a NaN where a number was', tensor([0.1, 0.9]), tensor([0.1, 'NaN']), false, false],
  ['NaN in both', tensor(['NaN', 1]), tensor(['NaN', 1]), true, true],
  ['Infinity leads, and still does', tensor(['Infinity', 1]), tensor(['Infinity', 5]), false, true],
  ['another name', tensor([1, 2]), tensor([1, 2], { name: 'other' }), false, false],
  ['another shape', tensor([1, 2]), tensor([1, 2], { shape: [2, 1] }), false, false],
  ['another datatype', tensor([1, 2]), tensor([1, 2], { datatype: 'FP64' }), false, false],
  ['one number, moved', tensor([1]), tensor([1.2]), false, false],
  ['an integer, moved', tensor([3, 4], { datatype: 'INT32' }), tensor([3, 5], { datatype: 'INT32' }), false, false],
  ['text', tensor(['a'], { datatype: 'BYTES' }), tensor(['a'], { datatype: 'BYTES' }), true, true],
  ['empty', tensor([], { shape: [0, 2] }), tensor([], { shape: [0, 2] }), true, true],
])('%s', (_name, live, shadow, byValues, byArgMax) => {
  expect(answersAgree([live], [shadow], values)).toBe(byValues);
  expect(answersAgree([live], [shadow], argMax)).toBe(byArgMax);
});

test('every row must keep its choice', () => {
  const shape = { shape: [2, 2] };
  expect(answersAgree([tensor([0, 1, 1, 0], shape)], [tensor([0.3, 1, 0, 1], shape)], argMax)).toBe(false);
  expect(answersAgree([tensor([0, 1, 1, 0], shape)], [tensor([0.3, 1, 1, 0.3], shape)], argMax)).toBe(true);
});

test('an output too many or too few is a difference, and their order is none', () => {
  const [a, b] = [tensor([1, 2]), tensor([3], { name: 'other' })];
  expect(answersAgree([a], [a, b], argMax)).toBe(false);
  expect(answersAgree([a, b], [a], argMax)).toBe(false);
  expect(answersAgree([a, b], [b, a], values)).toBe(true);
});

test('within the bands is what the golden comparison calls a pass, element by element and row by row', () => {
  const element = fc.oneof(
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.constantFrom('NaN', 'Infinity', '-Infinity', 0, -0, 1),
  );
  const tolerance = fc.record({
    absolute: fc.constantFrom(0, 0.1),
    relative: fc.constantFrom(0, 0.1),
    argMax: fc.boolean(),
  });
  const rows = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      pairs: fc.array(fc.tuple(element, element, fc.boolean()), { minLength: width * 3, maxLength: width * 3 }),
    }),
  );
  const datatype = fc.constantFrom('FP32', 'BYTES');
  fc.assert(
    fc.property(rows, tolerance, datatype, ({ width, pairs }, bands, kind) => {
      const more = { shape: [3, width], datatype: kind };
      const live = tensor(
        pairs.map(([value]) => value),
        more,
      );
      const shadow = tensor(
        pairs.map(([value, other, same]) => (same ? value : other)),
        more,
      );
      const golden = compareGoldenCase({ id: 'x', inputs: [], outputs: [live] }, [shadow], bands);
      expect(answersAgree([live], [shadow], { rule: 'values', tolerance: bands })).toBe(golden.verdict === 'pass');
      // Whoever is within the bands agrees by the weaker rule too.
      if (golden.verdict === 'pass') {
        expect(answersAgree([live], [shadow], { rule: 'arg-max', tolerance: bands })).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('what is large is compared in steps, of elements and of outputs alike', () => {
  const steps = (live: readonly GoldenTensor[]): number => {
    const all = agreementSteps(live, live, argMax);
    for (let count = 1; ; count += 1) if (all.next().done === true) return count;
  };
  expect(steps([tensor([1, 2])])).toBe(1);
  expect(steps([tensor(Array(130_000).fill(1))])).toBeGreaterThan(8);
  expect(steps([tensor(Array(65_000).fill(1), { shape: [6_500, 10] })])).toBeGreaterThan(6);
  expect(steps(Array.from({ length: 2_000 }, (_, n) => tensor([n], { name: String(n) })))).toBeGreaterThan(6);
});
