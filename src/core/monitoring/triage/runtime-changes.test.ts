import { expect, it } from 'vitest';
import type { StoredEvent } from '../../records/event.ts';
import { findRuntimeChanges } from './runtime-changes.ts';

const admitted = (seq: number, replicaId: string, runtime?: string): StoredEvent => ({
  ...{
    seq,
    service: 's',
    environment: 'e',
    summary: '',
    by: 'control-plane',
    atMs: seq * 10,
    kind: 'replica.admitted',
  },
  data: {
    ...{ replicaId, release: 1, golden: null, cases: 1, largest: null, tookMs: 1 },
    ...(runtime === undefined ? {} : { runtime }),
  },
});

it('tells when replicas came with another runtime, and what it is', () => {
  const events = [
    admitted(1, 'a', 'x'),
    admitted(2, 'b', 'x'),
    admitted(3, 'c'),
    admitted(4, 'd', 'y'),
    admitted(5, 'e', 'y'),
  ];
  expect(findRuntimeChanges(events)).toEqual([
    { kind: 'runtime', atMs: 40, what: 'replica d runs with runtime y, the one before with x', fingerprint: 'y' },
  ]);
});

it.each([[[]], [[admitted(1, 'a', 'x')]], [[admitted(1, 'a'), admitted(2, 'b', 'x')]]])(
  'tells nothing where nothing was there before, case %#',
  (events) => {
    expect(findRuntimeChanges(events)).toEqual([]);
  },
);
