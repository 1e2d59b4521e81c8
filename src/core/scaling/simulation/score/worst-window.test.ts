import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorstWindow } from './worst-window.ts';

interface Request {
  readonly atMs: number;
  readonly lastsMs: number;
  readonly kept: boolean;
}

/** Every window of its own, counted from all requests. */
function plainWorst(requests: readonly Request[], fromMs: number, endMs: number): number | null {
  let worst: number | null = null;
  for (let beginMs = 0; beginMs + 300_000 <= endMs; beginMs += 60_000) {
    if (beginMs < fromMs) continue;
    const inside = requests.filter(({ atMs }) => atMs >= beginMs && atMs < beginMs + 300_000);
    if (inside.length < 20) continue;
    worst = Math.min(worst ?? 1, inside.filter(({ kept }) => kept).length / inside.length);
  }
  return worst;
}

describe('the worst five minutes', () => {
  it('are those that counting every window finds, also across long silences and long requests', () => {
    const request = fc.record({
      gapMs: fc.oneof({ arbitrary: fc.nat(9_000), weight: 30 }, { arbitrary: fc.nat(1_200_000), weight: 1 }),
      lastsMs: fc.oneof({ arbitrary: fc.nat(9_000), weight: 10 }, { arbitrary: fc.nat(900_000), weight: 1 }),
      kept: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), fc.constantFrom(0, 60_000, 90_500), (list, fromMs) => {
        let clockMs = 0;
        const requests = list
          .map(({ gapMs, ...rest }): Request => ({ atMs: (clockMs += gapMs), ...rest }))
          .filter(({ atMs }) => atMs >= fromMs);
        const endMs = clockMs + 30_000;
        const window = new WorstWindow(fromMs, endMs);
        const events = requests.flatMap((each) => [
          { whenMs: each.atMs, tell: () => window.arrived(each.atMs) },
          { whenMs: each.atMs + each.lastsMs, tell: () => window.ended(each.atMs, each.kept) },
        ]);
        for (const { tell } of events.sort((a, b) => a.whenMs - b.whenMs)) tell();
        window.finish();
        expect(window.worstShare).toBe(plainWorst(requests, fromMs, endMs));
      }),
      { numRuns: 300 },
    );
  });
});
