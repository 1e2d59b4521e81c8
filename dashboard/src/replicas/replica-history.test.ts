import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent, type StoredEvent } from '../../../src/core/records/event.ts';
import type { ReplicaView } from '../../../src/schemas/view/view.ts';
import { knownReplicas, replicaCounts, stepAt } from './replica-history.ts';

const told = (
  seq: number,
  kind: string,
  replicaId: string,
  atMs: number,
  more: Readonly<Record<string, unknown>> = {},
): StoredEvent =>
  readEvent({
    seq,
    kind,
    atMs,
    by: 'control-plane',
    service: 'digits',
    environment: 'default',
    summary: '',
    data: { replicaId, release: 5, state: kind.slice(8), reason: 'why', startedAtMs: 1_000, readyAtMs: null, ...more },
  });

const present = (replicaId: string, more: Partial<ReplicaView> = {}): ReplicaView =>
  ({
    replicaId,
    release: 5,
    state: 'ready',
    reason: '',
    startedAtMs: 1_000,
    readyAtMs: 3_000,
    phases: [],
    ...more,
  }) as ReplicaView;

describe('what is known of replicas', () => {
  it('is what the events tell of those that are gone, and the view of those that are there', () => {
    const events = [
      told(3, 'replica.stopped', 'a', 9_000, { readyAtMs: 2_000 }),
      told(1, 'replica.starting', 'a', 1_000),
      told(2, 'replica.ready', 'a', 2_000, { readyAtMs: 2_000 }),
      told(4, 'replica.starting', 'b', 4_000, { startedAtMs: 4_000 }),
    ];
    const known = knownReplicas([present('b', { startedAtMs: 4_000, readyAtMs: 6_000 })], events);
    expect(known.map(({ replicaId, state, readyAtMs, leftAtMs }) => [replicaId, state, readyAtMs, leftAtMs])).toEqual([
      ['b', 'ready', 6_000, null],
      ['a', 'stopped', 2_000, 9_000],
    ]);
  });
  it('lets a replica leave when it drains, not when its process ends later', () => {
    const events = [told(1, 'replica.draining', 'a', 5_000), told(2, 'replica.stopped', 'a', 9_000)];
    expect(knownReplicas([], events)[0]?.leftAtMs).toBe(5_000);
  });
  it('calls a replica that is gone stopped, whatever it was before', () => {
    expect(knownReplicas([], [told(1, 'replica.gone', 'a', 5_000, { state: 'ready' })])[0]?.state).toBe('stopped');
  });
  it('leaves out what an event does not tell readably', () => {
    expect(knownReplicas([], [told(1, 'replica.ready', 'a', 5_000, { startedAtMs: 'soon' })])).toEqual([]);
  });
});

describe('counts over time', () => {
  it('are steps: loading, then ready, then gone', () => {
    const known = knownReplicas(
      [present('b')],
      [told(1, 'replica.stopped', 'a', 8_000, { startedAtMs: 2_000, readyAtMs: 5_000 })],
    );
    expect(replicaCounts(known, 0, 10_000)).toEqual([
      { atMs: 0, ready: 0, loading: 0 },
      { atMs: 1_000, ready: 0, loading: 1 },
      { atMs: 2_000, ready: 0, loading: 2 },
      { atMs: 3_000, ready: 1, loading: 1 },
      { atMs: 5_000, ready: 2, loading: 0 },
      { atMs: 8_000, ready: 1, loading: 0 },
    ]);
  });
  it('never count a replica twice or below none, and begin at the left edge', () => {
    const starts = fc.array(fc.tuple(fc.nat(50_000), fc.option(fc.nat(20_000)), fc.option(fc.nat(40_000))));
    fc.assert(
      fc.property(starts, fc.nat(30_000), (drawn, fromMs) => {
        const replicas = drawn.map(([startedAtMs, ready, left], index) => ({
          ...present(String(index), { startedAtMs, readyAtMs: ready === null ? null : startedAtMs + ready }),
          leftAtMs: left === null ? null : startedAtMs + left,
        }));
        const counts = replicaCounts(replicas, fromMs, fromMs + 20_000);
        expect(counts[0]?.atMs).toBe(fromMs);
        for (const { atMs, ready, loading } of counts) {
          const there = replicas.filter(
            (each) => each.startedAtMs <= atMs && (each.leftAtMs === null || each.leftAtMs > atMs),
          );
          expect(ready + loading).toBe(there.length);
          expect(Math.min(ready, loading)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
  it('hold from their moment on', () => {
    const steps = [{ atMs: 10 }, { atMs: 20 }];
    expect([5, 10, 19, 20, 99].map((atMs) => stepAt(steps, atMs)?.atMs ?? null)).toEqual([null, 10, 10, 20, 20]);
  });
});
