import { describe, expect, it } from 'vitest';
import { readEvent } from '../../core/records/event.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { digestOf } from '../../core/units/digest.ts';
import { SpareStarts } from './spare-starts.ts';

const pair = digestOf('pair');
const replica = (replicaId: string, totalMs: number | null, over: Partial<ObservedReplica> = {}): ObservedReplica => ({
  ...{ replicaId, set: 's', pair, release: 1, state: 'ready', reason: '', endpoint: null, pid: 1, node: 'n' },
  ...{ restarts: 0, startedAtMs: 1_000, readyAtMs: totalMs === null ? null : 1_000 + totalMs, phases: [] },
  ...{ spare: 'spare-1' },
  ...over,
});
const ready = (replicaId: string, totalMs: number, spare?: string) =>
  readEvent({
    ...{ seq: 1, service: 's', environment: 'prod', kind: 'replica.ready', summary: '', by: 'p', atMs: 9_000 },
    data: {
      ...{ replicaId, pair, startedAtMs: 1_000, readyAtMs: 1_000 + totalMs, phases: [] },
      ...(spare === undefined ? {} : { spare }),
    },
  });

describe('starts that took a spare', () => {
  it('are known from the third on, without those that took none', () => {
    const starts = new SpareStarts();
    const { spare: _spare, ...plain } = replica('plain', 40_000);
    starts.see(pair, [replica('a', 5_000), replica('b', 6_000), plain]);
    expect(starts.distribution()).toBeNull();
    starts.see(pair, [replica('a', 5_000), replica('b', 6_000), replica('c', 4_000), plain]);
    expect(starts.distribution()).toMatchObject({ timesMs: [4_000, 5_000, 6_000], starts: 3, failureShare: 0 });
  });

  it('count one that failed', () => {
    const starts = new SpareStarts();
    const failed = replica('d', null, { state: 'failed' });
    starts.see(pair, [replica('a', 5_000), replica('b', 6_000), replica('c', 4_000), failed]);
    expect(starts.distribution()?.failureShare).toBeCloseTo(0.25, 12);
  });

  it('go on from what is on record, of the same pair alone', () => {
    const starts = new SpareStarts();
    starts.resume(
      [ready('a', 5_000, 's1'), ready('b', 6_000, 's2'), ready('c', 40_000), ready('d', 7_000, 's3')],
      9_000,
    );
    starts.see(pair, []);
    expect(starts.distribution()?.timesMs).toEqual([5_000, 6_000, 7_000]);
    starts.see(digestOf('another'), []);
    expect(starts.distribution()).toBeNull();
  });
});
