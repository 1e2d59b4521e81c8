import { describe, expect, it } from 'vitest';
import { layoutTimeline } from './timeline.ts';

const ready = {
  replicaId: 'a',
  state: 'ready',
  startedAtMs: 10_000,
  readyAtMs: 11_000,
  phases: [
    { phases: ['process-start'], startMs: 0, durationMs: 300 },
    { phases: ['weights-load', 'engine-init'], startMs: 400, durationMs: 500 },
  ],
} as const;

describe('the timeline of starts', () => {
  it('puts every replica on the axis of the slowest', () => {
    const fast = { ...ready, replicaId: 'b', readyAtMs: 10_250, phases: [] };
    const { scaleMs, rows } = layoutTimeline([ready, fast], 99_000);
    expect(scaleMs).toBe(1_000);
    expect(rows.map((row) => row.readyAt)).toEqual([1, 0.25]);
  });

  it('keeps merged phases one bar that says so', () => {
    const bar = layoutTimeline([ready], 99_000).rows[0]?.bars[1];
    expect(bar).toMatchObject({
      merged: true,
      from: 0.4,
      width: 0.5,
      label: 'weights-load + engine-init (merged): 500 ms',
    });
  });

  it('shows the time that no phase accounts for', () => {
    const spans = layoutTimeline([ready], 99_000).rows[0]?.unmeasured ?? [];
    expect(spans.map((span) => [span.from, Number(span.width.toFixed(3))])).toEqual([
      [0.3, 0.1],
      [0.9, 0.1],
    ]);
  });

  it('sums a start up in a few words', () => {
    expect(layoutTimeline([ready], 99_000).rows[0]?.total).toBe('ready after 1 s, 200 ms in no phase');
  });

  it('grows with a replica that still starts, and says for how long', () => {
    const starting = { ...ready, state: 'starting', readyAtMs: null } as const;
    const { scaleMs, rows } = layoutTimeline([starting], 12_000);
    expect(scaleMs).toBe(2_000);
    expect(rows[0]?.underWay).toEqual({ from: 0.45, width: 0.55 });
    expect(rows[0]?.words).toContain('starting for 2 s');
  });

  it('does not let a replica that failed long ago stretch the axis', () => {
    const failed = { ...ready, state: 'failed', readyAtMs: null } as const;
    const { scaleMs, rows } = layoutTimeline([failed], 9_999_999);
    expect(scaleMs).toBe(900);
    expect(rows[0]?.underWay).toBeNull();
  });

  it('says so when nothing was measured', () => {
    const bare = { ...ready, state: 'failed', readyAtMs: null, phases: [] } as const;
    expect(layoutTimeline([bare], 20_000).rows[0]?.words).toBe('no phase measured');
  });

  it.each([1, 7, 42, 812, 1_000, 3_400, 61_000])(
    'has three to six ticks, all on the axis, for a start of %d ms',
    (ms) => {
      const { ticks } = layoutTimeline([{ ...ready, phases: [], readyAtMs: ready.startedAtMs + ms }], 0);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(Math.max(...ticks.map((tick) => tick.at))).toBeLessThanOrEqual(1);
    },
  );
});
