import { describe, expect, it } from 'vitest';
import { quantileMs } from './start-distribution.ts';
import { readStatedStart } from './read-stated-start.ts';

const read = (text: string) => {
  const found = readStatedStart(text);
  if (!found.ok) throw new Error(found.hint ?? found.expected);
  return found.value;
};
const refused = (text: string): string => {
  const found = readStatedStart(text);
  return found.ok ? 'read' : `${found.hint ?? ''} (${found.expected})`;
};

describe('a stated start', () => {
  it('is lognormal by its p95, the median at three quarters of it', () => {
    const starts = read('40s');
    expect(quantileMs(starts, 0.5)).toBeCloseTo(30_000, -3);
    expect(quantileMs(starts, 0.95)).toBeCloseTo(40_000, -3);
    expect(starts).toMatchObject({ failureShare: 0, starts: 0 });
    expect(read('lognormal:30s,40s')).toEqual(starts);
  });

  it('is always the same, or fails by a share', () => {
    expect(read('fixed:40s')).toEqual({ timesMs: [40_000], shares: [1], failureShare: 0, starts: 0 });
    expect(read('fixed:40s,fail=1%')).toMatchObject({ shares: [0.99], failureShare: 0.01 });
    expect(read('lognormal:30s,40s,fail=5%').shares.at(-1)).toBeCloseTo(0.95, 12);
  });

  it.each([
    ['40', 'a unit is missing'],
    ['40s,50s', '`lognormal:40s,50s`'],
    ['lognormal:40s', 'two times'],
    ['lognormal:40s,30s', 'not below'],
    ['fixd:40s', 'no kind `fixd`'],
    ['0s', 'longer than 0'],
    ['40s,fail=100%', 'not every start'],
    ['40s,fail=1', 'a percentage'],
    ['', '`40s`'],
  ])('%s is refused, with what is wrong', (text, said) => {
    expect(refused(text)).toContain(said);
  });
});
