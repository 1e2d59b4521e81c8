import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotsLine } from './slots-line.ts';

interface Held {
  arrivedAtMs: number;
  leftMs: number;
}

/** Every request of its own, touched at every event. */
function plainSharing(
  requests: readonly { readonly atMs: number; readonly workMs: number }[],
  speeds: readonly number[],
): readonly (readonly [arrivedAtMs: number, endedAtMs: number])[] {
  const ended: (readonly [number, number])[] = [];
  let held: Held[] = [];
  let nowMs = 0;
  const runUntil = (untilMs: number): void => {
    while (held.length > 0) {
      const speed = speeds[held.length - 1] ?? 0;
      const shortest = held.reduce((least, each) => (each.leftMs < least.leftMs ? each : least));
      const endsMs = nowMs + shortest.leftMs / speed;
      const stopMs = Math.min(untilMs, endsMs);
      for (const each of held) each.leftMs -= (stopMs - nowMs) * speed;
      nowMs = stopMs;
      if (endsMs > untilMs) return;
      held = held.filter((each) => each !== shortest);
      ended.push([shortest.arrivedAtMs, nowMs]);
    }
    nowMs = untilMs;
  };
  for (const { atMs, workMs } of requests) {
    runUntil(atMs);
    if (held.length < speeds.length) held.push({ arrivedAtMs: atMs, leftMs: workMs });
  }
  runUntil(Infinity);
  return ended;
}

describe('processor sharing by virtual time', () => {
  it('ends each request when one that follows every request would', () => {
    const requests = fc.array(
      fc.record({ gapMs: fc.integer({ min: 0, max: 50 }), workMs: fc.double({ min: 0, max: 200, noNaN: true }) }),
      { maxLength: 200 },
    );
    const curve = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(requests, curve, (gaps, unordered) => {
        const speeds = [...unordered].sort((a, b) => b - a);
        let clockMs = 0;
        // Moments of their own, so that an arrival can tell which request it was.
        const list = gaps.map(({ gapMs, workMs }) => ({ atMs: (clockMs += gapMs + 0.25), workMs }));
        const line = new SlotsLine({ kind: 'slots', slots: speeds.length, speeds, meanWorkMs: 1 });
        const ended = new Map<number, number>();
        const runUntil = (untilMs: number): void => {
          while (line.dueMs <= untilMs && line.held > 0) {
            const nowMs = line.dueMs;
            line.proceed(nowMs, (arrivedAtMs) => ended.set(arrivedAtMs, nowMs));
            line.settle(nowMs);
            expect(line.dueMs).toBeGreaterThanOrEqual(nowMs);
          }
        };
        for (const { atMs, workMs } of list) {
          runUntil(atMs);
          if (!line.hasRoom()) continue;
          line.take(atMs, atMs, workMs);
          line.settle(atMs);
        }
        runUntil(Infinity);
        const plain = plainSharing(list, speeds);
        expect(ended.size).toBe(plain.length);
        for (const [arrivedAtMs, endedAtMs] of plain) expect(ended.get(arrivedAtMs)).toBeCloseTo(endedAtMs, 6);
      }),
      { numRuns: 300 },
    );
  });
});
