import { describe, expect, it } from 'vitest';
import { fixedStarts } from '../../../coldstart/stated-starts.ts';
import { makePolicyInput, makeReplicas } from '../../../../testing/builders/scaling/scaling-builders.ts';
import { leaveToSpares, readSpareGround, sizeForBacklogWithSpares } from './spare-rule.ts';
import { describeSpares } from './spare-words.ts';

describe('replicas that are left to spares', () => {
  it.each([
    [5, 3.5, 1, 1],
    [5, 3.5, 3, 1.5],
    [5, 3.5, 0, 0],
    [3, 4, 2, 0],
  ])('of %d wanted and %d soon, with %d free, are %d', (wanted, soon, free, left) => {
    expect(leaveToSpares(wanted, soon, free)).toBe(left);
  });
});

describe('a backlog where spares are free', () => {
  // 100 waiting, of which 25 are harmless; a replica serves 10/s, a request may wait 5 s.
  const outlook = { servedPerSecond: 10, sparePerSecond: 0, startMs: 40_000, waitMs: 5_000, mostPerSecond: 10 };
  const sized = (backlog: number, free: number): number =>
    sizeForBacklogWithSpares(backlog, outlook, { free, sparePerSecond: 0, startMs: 5_000 });

  it('wants more of those that are there soon, and no more of the others', () => {
    // 75 in sqrt(5 * 40) s by 10/s; in 5 s it would be 1.5.
    expect(sized(100, 0)).toBeCloseTo(75 / (10 * Math.sqrt(200)), 12);
    expect(sized(100, 4)).toBeCloseTo(1.5, 12);
    expect(sized(100, 1)).toBe(1);
  });

  it('wants as many as without spares where these are too few', () => {
    // 300 in the same times: 2.12, and 6 soon.
    expect(sized(325, 1)).toBeCloseTo(300 / (10 * Math.sqrt(200)), 12);
    expect(sized(325, 4)).toBe(4);
    expect(sized(325, 9)).toBeCloseTo(6, 12);
    expect(sized(0, 9)).toBe(0);
  });
});

describe('spares that a turn plans with', () => {
  const how = { quantile: 0.9, decidedMs: 2_000 };
  const input = makePolicyInput({ replicas: makeReplicas(1) });
  const spares = { free: 2, found: 1, starts: fixedStarts(5_000) };

  it('are none where nothing is known of them, or they are no faster', () => {
    expect(readSpareGround(input, 60_000, how)).toBeNull();
    expect(readSpareGround({ ...input, spares }, 5_000, how)).toBeNull();
    expect(readSpareGround({ ...input, spares: { ...spares, starts: fixedStarts(0) } }, 60_000, how)).toBeNull();
  });

  it('are those that are free and found, with the time until one serves', () => {
    expect(readSpareGround({ ...input, spares }, 60_000, how)).toMatchObject({
      ...{ free: 2, found: 1, startMs: 5_000, meanStartMs: 5_000, horizonMs: 7_000 },
      present: { ready: 1, loading: 0 },
    });
  });

  it('count a replica that was made of one by its own start', () => {
    const replica = { replicaId: 'a', state: 'starting', orderedAtMs: 0, readyAtMs: null } as const;
    const at = (replicas: PolicyReplicas) => readSpareGround({ ...input, nowMs: 2_000, replicas, spares }, 60_000, how);
    // 3 s are left of the 5, of a horizon of 7.
    expect(at([{ ...replica, ofSpare: true }])?.present.served).toBeCloseTo(4 / 7, 12);
    expect(at([replica])?.present.served).toBe(0);
    // Twice the longest start with a spare is 10 s.
    const late = { ...input, nowMs: 11_000, replicas: [{ ...replica, ofSpare: true as const }], spares };
    expect(readSpareGround(late, 60_000, how)?.present.overdue).toBe(1);
    expect(readSpareGround({ ...late, replicas: [replica] }, 60_000, how)?.present.overdue).toBe(0);
  });
});

type PolicyReplicas = ReturnType<typeof makePolicyInput>['replicas'];

it.each([
  [2, 1, '1 left to spares, which start in 5 s'],
  [2, 0, '2 spares free: the next starts take 5 s'],
  [1, 0, '1 spare free: the next start takes 5 s'],
  [0, 0, 'no spare free: starts take 40 s'],
])('%d free and %d left say: %s', (free, left, says) => {
  const present = { ready: 1, loading: 0, arriving: 0, served: 0, overdue: 0 };
  const ground = { free, found: 1, startMs: 5_000, meanStartMs: 4_000, horizonMs: 7_000, present };
  expect(describeSpares(ground, left, 40_000)).toEqual({
    words: [says],
    terms: { sparesFree: free, sparesFound: 1, spareStartMs: 5_000, leftToSpares: left },
  });
  expect(describeSpares(null, 0, 40_000)).toEqual({ words: [], terms: {} });
});
