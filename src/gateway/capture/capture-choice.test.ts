import { expect, test } from 'vitest';
import { makeCaptureChoice } from './capture-choice.ts';

const share = (holds: (n: number) => boolean): number =>
  Array.from({ length: 10_000 }, (_, n) => holds((n + 0.5) / 10_000)).filter(Boolean).length / 10_000;

test('one number decides both shares, and neither says anything of the other', () => {
  const choose = makeCaptureChoice({ sampleShare: 0.05, controlShare: 0.1 });
  expect(share((at) => choose(at)?.sampled === true)).toBeCloseTo(0.05, 3);
  expect(share((at) => choose(at)?.control === true)).toBeCloseTo(0.1, 3);
  const both = share((at) => choose(at)?.sampled === true && choose(at)?.control === true);
  expect(both).toBeCloseTo(0.005, 3);
  expect(share((at) => choose(at) === null)).toBeCloseTo(0.95 * 0.9, 3);
});

test.each([
  [0, 0, [null, null]],
  [
    1,
    0,
    [
      { sampled: true, control: false },
      { sampled: true, control: false },
    ],
  ],
  [
    0,
    1,
    [
      { sampled: false, control: true },
      { sampled: false, control: true },
    ],
  ],
  [
    1,
    1,
    [
      { sampled: true, control: true },
      { sampled: true, control: true },
    ],
  ],
])('a sample of %d and a random share of %d', (sampleShare, controlShare, expected) => {
  const choose = makeCaptureChoice({ sampleShare, controlShare });
  expect([choose(0), choose(1 - 2 ** -53)]).toEqual(expected);
});
