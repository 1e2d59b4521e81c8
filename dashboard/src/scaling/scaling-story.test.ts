import { describe, expect, it } from 'vitest';
import { readEvent, type StoredEvent } from '../../../src/core/records/event.ts';
import type { ScalingDecisionView } from '../../../src/schemas/view/view.ts';
import { decisionMarks, desiredSteps, replicaColumns, withDecisions } from './scaling-story.ts';

const decision = (seq: number, atMs: number, before: number, desired: number): ScalingDecisionView => ({
  seq,
  atMs,
  release: 5,
  policy: { name: 'plimsoll', plimsollVersion: '0.1.0' },
  before,
  desired,
  ordered: desired,
  reason: `${desired} are wanted`,
  terms: { ready: before },
});

const eventOf = (
  { seq, atMs, ...data }: ScalingDecisionView,
  kind = 'scaling.decided',
  more: Readonly<Record<string, unknown>> = {},
): StoredEvent =>
  readEvent({
    seq,
    atMs,
    kind,
    summary: '',
    by: 'control-plane',
    service: 'digits',
    environment: 'default',
    data: { ...data, ...more },
  });

describe('decisions as they come', () => {
  it('are added in order, each once', () => {
    const known = { scaling: null, decisions: [decision(4, 100, 1, 2)] };
    const answer = withDecisions(known, [
      eventOf(decision(9, 300, 3, 2)),
      eventOf(decision(7, 200, 2, 3)),
      eventOf(decision(4, 100, 1, 2)),
    ]);
    expect(answer?.decisions.map(({ seq }) => seq)).toEqual([4, 7, 9]);
    expect(answer?.decisions[1]).toEqual(decision(7, 200, 2, 3));
  });
  it('are no other events, and none that cannot be read', () => {
    const known = { scaling: null, decisions: [] };
    const unreadable = eventOf(decision(5, 1, 1, 2), 'scaling.decided', { desired: 'many' });
    expect(withDecisions(known, [eventOf(decision(4, 1, 1, 2), 'scaling.held'), unreadable])).toBe(known);
    expect(withDecisions(null, [])).toBeNull();
  });
});

describe('what was desired', () => {
  const decisions = [decision(1, 1_000, 1, 2), decision(2, 5_000, 2, 4)];
  const stands = { desired: 4, decidedAtMs: 5_000 };
  it('begins with what stood at the left edge', () => {
    expect(desiredSteps(decisions, stands, 3_000)).toEqual([
      { atMs: 3_000, desired: 2 },
      { atMs: 5_000, desired: 4 },
    ]);
    expect(desiredSteps(decisions, stands, 0)[0]).toEqual({ atMs: 0, desired: 1 });
  });
  it('is unknown where nothing tells, and ends with what the view knows', () => {
    expect(desiredSteps([], { desired: null, decidedAtMs: null }, 0)).toEqual([{ atMs: 0, desired: null }]);
    expect(desiredSteps(decisions, { desired: 3, decidedAtMs: 9_000 }, 6_000)).toEqual([
      { atMs: 6_000, desired: 4 },
      { atMs: 9_000, desired: 3 },
    ]);
  });
  it('is drawn beside the counts, up to the right edge', () => {
    const counts = [
      { atMs: 0, ready: 1, loading: 0 },
      { atMs: 2_000, ready: 1, loading: 1 },
    ];
    expect(replicaColumns(counts, desiredSteps(decisions, stands, 0), 8_000)).toEqual([
      [0, 1, 2, 5, 8],
      [1, 1, 1, 1, 1],
      [0, 0, 1, 1, 1],
      [1, 2, 2, 4, 4],
    ]);
  });
});

describe('marks of decisions', () => {
  it('stand at their time, and share a mark where they are too near', () => {
    const decisions = [decision(1, 0, 1, 2), decision(2, 50, 2, 3), decision(3, 52, 3, 4), decision(4, 100, 4, 5)];
    const marks = decisionMarks(decisions, { fromMs: 0, toMs: 100 }, 0.05);
    expect(marks.map(({ at, decisions: held }) => [at, held.map(({ seq }) => seq)])).toEqual([
      [1, [4]],
      [0.52, [3, 2]],
    ]);
  });
});
