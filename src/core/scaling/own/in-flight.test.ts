import { describe, expect, it } from 'vitest';
import { presentReplicas } from './in-flight.ts';

const starts = { timesMs: [10_000], shares: [1], failureShare: 0, starts: 30 };
const replica = { replicaId: 'r-1', state: 'starting', orderedAtMs: 0, readyAtMs: null } as const;

describe('a replica that is woken', () => {
  it('counts by when it will be awake, and not by how long a start takes', () => {
    const woken = { ...replica, awakeAtMs: 3_000 };
    expect(presentReplicas([woken], starts, 1_000, 8_000)).toMatchObject({ loading: 1, arriving: 1, served: 0.75 });
    expect(presentReplicas([woken], starts, 1_000, 1_000)).toMatchObject({ loading: 1, arriving: 0, served: 0 });
    expect(presentReplicas([replica], starts, 1_000, 8_000)).toMatchObject({ loading: 1, arriving: 0, served: 0 });
  });

  it('is never overdue: its time is known', () => {
    expect(presentReplicas([{ ...replica, awakeAtMs: 3_000 }], starts, 60_000, 8_000).overdue).toBe(0);
    expect(presentReplicas([replica], starts, 60_000, 8_000).overdue).toBe(1);
  });
});

describe('a replica that was ordered later than now, by a clock that went back', () => {
  it('counts as one that is ordered now', () => {
    const later = { ...replica, orderedAtMs: 3_600_000 };
    expect(presentReplicas([later], starts, 0, 12_000)).toEqual(presentReplicas([replica], starts, 0, 12_000));
    expect(presentReplicas([later], starts, 0, 12_000)).toMatchObject({ arriving: 1, overdue: 0 });
  });
});
