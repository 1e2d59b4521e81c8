import { describe, expect, it } from 'vitest';
import { alpha, beginDoubt, doubtOn, type Doubt, type DoubtTick } from './doubt.ts';
import { evidenceOf } from './evidence-against.ts';

const terms = { latestStartMs: 40_000, drainMs: 10_000, forecastPerSecond: 20, allowedLateShare: 0.01 };
const tick = (atSeconds: number, part: Partial<DoubtTick> = {}): DoubtTick => ({
  atMs: atSeconds * 1_000,
  elapsedMs: 2_000,
  arrivals: 40,
  late: false,
  excused: false,
  backlog: 0,
  arrivalsPerSecond: 20,
  answersPerSecond: 20,
  ready: 10,
  present: 10,
  startMs: 40_000,
  drainMs: 10_000,
  own: 10,
  moved: false,
  ...part,
});
function doubtOver(begun: Doubt, fromSeconds: number, count: number, part: Partial<DoubtTick> = {}): Doubt {
  let doubt = begun;
  for (let at = 0; at < count; at += 1) doubt = doubtOn(doubt, tick(fromSeconds + 2 * at, part), terms);
  return doubt;
}
const late = { late: true, backlog: 500, answersPerSecond: 10 };

describe('doubt', () => {
  it('stays away while promises are kept, however long', () => {
    const doubt = doubtOver(beginDoubt, 0, 20_000);
    expect(doubt.distrust).toBeNull();
    expect(evidenceOf(doubt.against)).toBeLessThan(1);
  });

  it('takes over after two broken promises, from the replicas that there are', () => {
    // Each is checked 50 s after it was made: 26 ticks.
    expect(doubtOver(beginDoubt, 0, 51, late).distrust).toBeNull();
    const doubt = doubtOver(beginDoubt, 0, 53, late);
    expect(doubt.distrust).toMatchObject({ sinceMs: expect.any(Number) });
    expect(doubt.distrust?.feedback.replicas).toBeGreaterThanOrEqual(10);
    expect(evidenceOf(beginDoubt.against)).toBeLessThan(1 / alpha);
  });

  it('gives back after five kept promises in a row, and not while it asks for more than the belief', () => {
    const distrusted = doubtOver(beginDoubt, 0, 53, late);
    // 151 ticks from the making of a promise to its end; the first one there is was made while requests were late.
    expect(doubtOver(distrusted, 106, 4 * 151, { own: 40 }).distrust).not.toBeNull();
    expect(doubtOver(distrusted, 106, 6 * 151, { own: 40 }).distrust).toBeNull();
    expect(doubtOver(distrusted, 106, 6 * 151, { own: 5 }).distrust).not.toBeNull();
  });

  it('begins anew where the belief has moved', () => {
    const once = doubtOver(beginDoubt, 0, 26, late);
    expect(once.against.capital).toBeGreaterThan(4);
    const moved = doubtOn(once, tick(52, { ...late, moved: true }), terms);
    expect(moved).toMatchObject({ promise: null, against: { capital: 0, promises: 1 } });
  });

  it('stays the same object in a silence', () => {
    const trusted = doubtOver(beginDoubt, 0, 10);
    const quiet = doubtOn(trusted, tick(20, { arrivals: 0, answersPerSecond: 0, arrivalsPerSecond: 0 }), terms);
    expect(quiet).toBe(trusted);
  });
});
