import { expect, it } from 'vitest';
import type { ClosedLevel } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { searchRate } from './search-rate.ts';

it('tells requests that the client did not send apart from those that the replica failed', async () => {
  const clock = selfAdvancingClock();
  const notes: string[] = [];
  const context = {
    clock,
    signal: new AbortController().signal,
    terminal: { note: (text: string) => void notes.push(text) },
  };
  // A second for each, so that 500 requests/s have 500 under way.
  const ask = async (): Promise<null> => {
    await clock.sleep(1_000);
    return null;
  };
  const closed = [{ concurrency: 1, requests: 500, failed: 0, durationMs: 1_000, meanMs: 2, quantiles: {} }];
  const objective = { p90: 5_000 };
  const levels = closed as unknown as readonly ClosedLevel[];
  await searchRate(context, { objective, measureMs: 1_000 }, ask, levels);
  expect(notes.join('\n')).toMatch(
    /does not hold: \d+ of \d+ requests failed.* \(\d+ of them were not sent: the client has 256 under way at most\)/,
  );
});
