import { expect, it } from 'vitest';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { CanaryInbox } from './canary-inbox.ts';

const step = { release: 2, against: 1, step: 0, startedAtMs: 0 };
const reportOf = (sequences: readonly number[], startedAtMs = 1): GatewayReport => ({
  gatewayId: 'gateway-1',
  address: 'http://127.0.0.1:1',
  pid: 1,
  startedAtMs,
  acknowledgedGeneration: 1,
  atMs: 0,
  residentBytes: 0,
  queueDepth: 0,
  inFlight: 0,
  arrivals: 0,
  answered: 0,
  rejected: 0,
  failed: 0,
  retried: 0,
  releases: [],
  replicas: [],
  counts: sequences.map((sequence) => ({
    sequence,
    step,
    fromMs: 0,
    toMs: 0,
    releases: [],
    stickyFallbacks: 0,
    dropped: 0,
  })),
});

it('says that counts are recorded only after a turn let go of them', () => {
  const inbox = new CanaryInbox();
  expect([inbox.report(reportOf([1])), inbox.report(reportOf([1]))]).toEqual([0, 0]);
  const waiting = inbox.counts();
  expect(waiting.map(({ sequence }) => sequence)).toEqual([1]);
  inbox.report(reportOf([1, 2]));
  inbox.drop(waiting);
  // Told again by a report that was on its way: it is recorded, and the next one is not.
  expect(inbox.report(reportOf([1, 2]))).toBe(1);
  inbox.drop(inbox.counts());
  expect(inbox.report(reportOf([]))).toBe(2);
});

it('knows nothing of another process of the same gateway, nor does a successor of this one', () => {
  const inbox = new CanaryInbox();
  inbox.report(reportOf([1]));
  inbox.drop(inbox.counts());
  expect(inbox.report(reportOf([1], 2))).toBe(0);
  expect(new CanaryInbox().report(reportOf([2]))).toBe(0);
});
