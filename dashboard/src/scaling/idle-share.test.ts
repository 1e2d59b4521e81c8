import { describe, expect, it } from 'vitest';
import type { SignalSample } from '../../../src/schemas/view/view.ts';
import { idleAccount } from './idle-share.ts';

const sample = (atMs: number, inFlight: number | null, requestsPerSecond: number | null = 10): SignalSample => ({
  atMs,
  requestsPerSecond,
  errorsPerSecond: 1,
  queueDepth: 0,
  inFlight,
  latencyP50Ms: 2,
  latencyP99Ms: 9,
  batchFillShare: null,
});

describe('what idles', () => {
  const counts = [
    { atMs: 0, ready: 3, loading: 1 },
    { atMs: 5_000, ready: 4, loading: 0 },
  ];
  it('is what is ready beyond the requests in flight, never less than none', () => {
    expect(idleAccount([sample(1_000, 1), sample(2_000, 9), sample(5_000, 0)], counts, 0)).toEqual({
      seconds: 3,
      workSeconds: 1 + 3 + 0,
      idleSeconds: 2 + 0 + 4,
      loadingSeconds: 1 + 1 + 0,
      requests: 30,
      errors: 3,
    });
  });
  it('counts no second of which something is unknown, and none before the replicas are known', () => {
    expect(idleAccount([sample(1_000, null), sample(2_000, 1, null), sample(3_000, 1)], counts, 2_500)?.seconds).toBe(
      1,
    );
    expect(idleAccount([sample(1_000, 1)], [{ atMs: 2_000, ready: 1, loading: 0 }], 0)).toBeNull();
    expect(idleAccount([], counts, 0)).toBeNull();
  });
});
