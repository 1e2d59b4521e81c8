import { describe, expect, it } from 'vitest';
import { readEvent, type StoredEvent } from '../records/event.ts';
import { liveStarts, mergedPhases, mostLiveStarts } from './live-starts.ts';

const told = (
  kind: string,
  replicaId: string,
  atMs: number,
  data: Readonly<Record<string, unknown>> = {},
): StoredEvent =>
  readEvent({
    seq: 1,
    service: 'digits',
    environment: 'prod',
    kind: `replica.${kind}`,
    summary: '',
    by: 'control-plane',
    atMs,
    data: { replicaId, pair: 'p', startedAtMs: 1_000, readyAtMs: null, phases: [], ...data },
  });

describe('live starts', () => {
  it('are what became of each replica of the pair, once', () => {
    const phases = [{ phases: ['process-start'], startMs: 0, durationMs: 40 }];
    const events = [
      told('starting', 'a', 1_010),
      told('ready', 'a', 1_500, { readyAtMs: 1_480, phases }),
      told('failed', 'a', 9_000, { readyAtMs: 1_480 }),
      told('starting', 'b', 1_020),
      told('failed', 'b', 1_700),
      told('starting', 'c', 1_030),
      told('starting', 'd', 1_030),
      told('stopped', 'd', 1_400),
      told('ready', 'e', 1_900, { pair: 'other', readyAtMs: 1_800 }),
      told('adopted', 'f', 50_000, { readyAtMs: 1_600 }),
    ];
    const starts = liveStarts(events, 'p', 60_000);
    expect(starts.map(({ replicaId, outcome, totalMs }) => [replicaId, outcome, totalMs])).toEqual([
      ['a', 'ready', 480],
      ['b', 'failed', 700],
      ['c', 'running', 59_000],
      ['d', 'running', 400],
      ['f', 'ready', 600],
    ]);
    expect(starts[0]?.phases).toEqual([{ phases: ['process-start'], durationMs: 40 }]);
  });

  it('tell replicas apart that were made of a spare', () => {
    const ready = { readyAtMs: 1_200 };
    const events = [
      told('pending', 'a', 1_100),
      told('ready', 'a', 1_300, { ...ready, spare: 'spare-1' }),
      told('ready', 'b', 1_300, ready),
    ];
    expect(liveStarts(events, 'p', 2_000).map(({ replicaId }) => replicaId)).toEqual(['b']);
    expect(liveStarts(events, 'p', 2_000, 'spares').map(({ replicaId }) => replicaId)).toEqual(['a']);
  });

  it('are bounded, and leave out events that tell no start', () => {
    const many = Array.from({ length: mostLiveStarts + 5 }, (_, at) =>
      told('ready', `r${at}`, 2_000, { readyAtMs: 1_500 }),
    );
    const starts = liveStarts([...many, told('ready', 'old', 1, { startedAtMs: undefined })], 'p', 3_000);
    expect(starts).toHaveLength(mostLiveStarts);
    expect(starts.at(-1)?.replicaId).toBe(`r${mostLiveStarts + 4}`);
  });
});

it('adds up a phase that two of them measured', () => {
  const measured = [
    { phases: ['weights-fetch'] as const, durationMs: 5 },
    { phases: ['weights-load', 'engine-init'] as const, durationMs: 7 },
    { phases: ['weights-fetch'] as const, durationMs: 3 },
  ];
  expect(mergedPhases(measured)).toEqual([
    { phases: ['weights-fetch'], durationMs: 8 },
    { phases: ['weights-load', 'engine-init'], durationMs: 7 },
  ]);
});
