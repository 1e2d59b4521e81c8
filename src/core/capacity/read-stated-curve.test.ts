import { describe, expect, it } from 'vitest';
import { readStatedCurve, statedCapacity } from './read-stated-curve.ts';

const refused = (text: string): string => {
  const found = readStatedCurve(text);
  return found.ok ? 'read' : `${found.hint ?? ''} (${found.expected})`;
};

describe('a stated curve', () => {
  it('is slots, or batches in full or by a line', () => {
    expect(readStatedCurve('slots:2,200ms')).toEqual({
      ok: true,
      value: { kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 200 },
    });
    const batches = { ok: true, value: { kind: 'batch', batchMs: [5, 6, 7], maxDelayMs: 0 } };
    expect(readStatedCurve('batch:5ms, 6ms,7ms')).toEqual(batches);
    expect(readStatedCurve('batch:5ms+1ms*3')).toEqual(batches);
  });

  it('sustains 70% of the most that it can do', () => {
    const { ratePerSecond, concurrency } = statedCapacity({
      kind: 'slots',
      slots: 4,
      speeds: [1, 1, 1, 1],
      meanWorkMs: 200,
    });
    expect(ratePerSecond).toBeCloseTo(14, 9);
    expect(concurrency).toBeCloseTo(2.8, 9);
  });

  it.each([
    ['slots:4', 'a count and a time'],
    ['slots:0,200ms', 'from 1 to 4096'],
    ['slots:4,200', 'a unit is missing'],
    ['slots:4,0ms', 'longer than 0'],
    ['batch:6ms,5ms', 'does not take less'],
    ['batch:5ms+1ms', '`batch:5ms+1ms*16`'],
    ['batch:5ms+1ms*0', 'from 1 to 4096'],
    ['slot:4,200ms', 'a curve such as'],
    ['', 'a curve such as'],
  ])('%s is refused, with what is wrong', (text, said) => {
    expect(refused(text)).toContain(said);
  });
});
