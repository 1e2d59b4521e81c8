import { describe, expect, it } from 'vitest';
import { smOf, sortTargets, targetOf } from './kernel-target.ts';

describe('a kernel target', () => {
  it.each([
    [75, '', { capability: '7.5', suffix: '' }, 'sm_75'],
    [90, 'a', { capability: '9.0', suffix: 'a' }, 'sm_90a'],
    [103, 'f', { capability: '10.3', suffix: 'f' }, 'sm_103f'],
    [121, '', { capability: '12.1', suffix: '' }, 'sm_121'],
  ] as const)('of sm_%s%s is its capability, and is written back the same', (sm, suffix, target, written) => {
    expect(targetOf(sm, suffix)).toEqual(target);
    expect(smOf(target)).toBe(written);
  });

  it.each([0, 9, 1000, 0xffffffff, 7.5, Number.NaN])('is not made of %s', (sm) => {
    expect(targetOf(sm, '')).toBeNull();
  });

  it('sorts by number, not by text, and lists each once', () => {
    const targets = [targetOf(120, 'a'), targetOf(90, 'a'), targetOf(100, ''), targetOf(90, ''), targetOf(90, 'a')];
    expect(sortTargets(targets.filter((target) => target !== null)).map(smOf)).toEqual([
      'sm_90',
      'sm_90a',
      'sm_100',
      'sm_120a',
    ]);
  });
});
