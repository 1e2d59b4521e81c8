import { describe, expect, it } from 'vitest';
import { readStatedSleep } from './read-stated-sleep.ts';

describe('sleep as text', () => {
  it('is a number, a time and a price', () => {
    expect(readStatedSleep('2,wake=3s,price=10%')).toEqual({
      ok: true,
      value: { replicas: 2, wakeMs: 3_000, priceShare: 0.1 },
    });
    expect(readStatedSleep('1, price=0%, wake=500ms')).toMatchObject({ ok: true, value: { priceShare: 0 } });
  });

  it.each([
    ['', 'whole number'],
    ['0,wake=3s,price=10%', 'whole number'],
    ['20000,wake=3s,price=10%', 'whole number'],
    ['2', 'behind `wake=`'],
    ['2,wake=3,price=10%', 'behind `wake=`'],
    ['2,wake=0s,price=10%', 'longer than 0'],
    ['2,wake=3s', 'behind `price=`'],
    ['2,wake=3s,price=0.1', 'behind `price=`'],
    ['2,wake=3s,price=110%', 'behind `price=`'],
    ['2,wake=3s,wake=4s,price=10%', 'twice'],
    ['2,wake=3s,price=10%,level=1', 'no key `level`'],
  ])('%j is refused: %s', (text, said) => {
    expect(readStatedSleep(text)).toMatchObject({ ok: false, hint: expect.stringContaining(said) });
  });
});
