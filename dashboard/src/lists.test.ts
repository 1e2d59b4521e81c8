import { describe, expect, it } from 'vitest';
import { readEvent, type StoredEvent } from '../../src/core/records/event.ts';
import type { ReleaseSummary } from '../../src/schemas/view/view.ts';
import { filterEvents, keptEvents, kindsBySubject, mergeEvents } from './events/event-list.ts';
import { releaseLanes } from './releases/release-lanes.ts';

const event = (seq: number, kind = 'replica.admitted'): StoredEvent =>
  readEvent({
    seq,
    kind,
    service: 'digits',
    environment: 'default',
    summary: '',
    by: 'control-plane',
    atMs: 0,
    data: {},
  });

describe('the event log', () => {
  it('is newest first and has each event once, whatever the order they come in', () => {
    const merged = mergeEvents(mergeEvents([], [event(1), event(2)]), [event(4), event(2), event(3)]);
    expect(merged.map(({ seq }) => seq)).toEqual([4, 3, 2, 1]);
    expect(mergeEvents(merged, [event(5)]).map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
  });
  it('is bounded', () => {
    let kept: readonly StoredEvent[] = [];
    for (let seq = 0; seq < keptEvents + 100; seq += 1) kept = mergeEvents(kept, [event(seq)]);
    expect(kept.length).toBe(keptEvents);
    expect(kept[0]?.seq).toBe(keptEvents + 99);
  });
  it('filters by a subject or by a whole kind', () => {
    const events = [event(3, 'release.live'), event(2, 'replica.failed'), event(1, 'replica.admitted')];
    expect([...kindsBySubject(events)]).toEqual([
      ['release', ['release.live']],
      ['replica', ['replica.admitted', 'replica.failed']],
    ]);
    expect(filterEvents(events, 'replica').length).toBe(2);
    expect(filterEvents(events, 'replica.failed').length).toBe(1);
    expect(filterEvents(events, '').length).toBe(3);
  });
});

const release = (number: number, code: string, model: string): ReleaseSummary => ({
  number,
  code: { digest: code, label: code },
  model: { name: 'digits', version: 1, digest: model },
  cause: 'release',
  unprovenPair: false,
  waived: [],
  createdAtMs: 0,
  createdBy: 'ada',
  state: 'retired',
});

describe('the lanes of the releases', () => {
  it('mark the axis that moved', () => {
    const { rows } = releaseLanes([release(3, 'c2', 'm2'), release(2, 'c1', 'm2'), release(1, 'c1', 'm1')]);
    expect(rows).toEqual([
      { codeMoved: true, modelMoved: false },
      { codeMoved: false, modelMoved: true },
      { codeMoved: true, modelMoved: true },
    ]);
  });
  it('lead a rollback back to where its digest was last', () => {
    const { arcs } = releaseLanes([release(3, 'c1', 'm1'), release(2, 'c1', 'm2'), release(1, 'c1', 'm1')]);
    expect(arcs).toEqual([{ axis: 'model', from: 0, to: 2 }]);
  });
});
