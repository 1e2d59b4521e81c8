import { describe, expect, test } from 'vitest';
import { clockOffsets } from './clock-offsets.ts';

const clock = (monotonicMs: number, wallMs: number, recorder = 'a') => ({ recorder, monotonicMs, wallMs });

describe('clockOffsets', () => {
  test('jitter of milliseconds does not move the offset from the first difference', () => {
    expect(clockOffsets([clock(0, 1_000), clock(50, 1_070), clock(900, 1_880)]).get('a')).toBe(1_000);
  });

  test('a clock that stepped and stepped back keeps its offset, however often', () => {
    const hour = 3_600_000;
    const stepped = [clock(0, 500), clock(10, 510 + hour), clock(20, 520 + hour), clock(30, 530), clock(60, 560)];
    expect(clockOffsets(stepped).get('a')).toBe(500);
  });

  test('a clock that was set after a start has the set offset for all of the run', () => {
    expect(
      clockOffsets([clock(0, 0), clock(10_000, 1_700_000_010_000), clock(30_000, 1_700_000_030_000)]).get('a'),
    ).toBe(1_700_000_000_000);
  });

  test('of two offsets of one length the earlier counts, and the order of the facts does not', () => {
    const facts = [clock(0, 0), clock(5_000, 65_000), clock(10_000, 70_000)];
    expect(clockOffsets(facts).get('a')).toBe(0);
    expect(clockOffsets([...facts].reverse()).get('a')).toBe(0);
  });

  test('each recorder has its own', () => {
    expect([...clockOffsets([clock(0, 7, 'a'), clock(0, 9, 'b')])]).toEqual([
      ['a', 7],
      ['b', 9],
    ]);
  });
});
