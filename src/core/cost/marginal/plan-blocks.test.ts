import { describe, expect, it } from 'vitest';
import { planBlocks } from './plan-blocks.ts';

const hour = 3_600_000;

describe('blocks of arrivals', () => {
  it('are days that end with the arrivals, each after an hour of lead', () => {
    expect(planBlocks(50 * hour)).toEqual({
      blocks: [
        { fromMs: hour, scoreFromMs: 2 * hour, endMs: 26 * hour },
        { fromMs: 25 * hour, scoreFromMs: 26 * hour, endMs: 50 * hour },
      ],
      seeds: 2,
    });
  });

  it('are one for less than two days and an hour, after its first tenth', () => {
    const whole = { blocks: [{ fromMs: 0, scoreFromMs: 4 * hour, endMs: 40 * hour }], seeds: 3 };
    expect(planBlocks(40 * hour)).toEqual(whole);
    expect(planBlocks(49 * hour - 1).blocks).toHaveLength(1);
    expect(planBlocks(49 * hour).blocks).toHaveLength(2);
  });

  it('have one draw of starts each where there are many, or as many as are asked', () => {
    expect(planBlocks(8 * 24 * hour)).toMatchObject({ seeds: 1, blocks: { length: 7 } });
    expect(planBlocks(8 * 24 * hour, 5).seeds).toBe(5);
  });
});
