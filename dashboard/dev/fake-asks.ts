import type { ShownAsk } from '../../src/core/rollout/release-ask.ts';
import { digestOf } from './fake-parts.ts';

const gigabyte = 1_000_000_000;

const more = {
  requested: { reason: 'it was not looked at yet', progress: null },
  fetching: {
    reason: 'its model is fetched from s3://models/digits/3',
    progress: { doneBytes: 1.2 * gigabyte, totalBytes: 4 * gigabyte },
  },
  refused: {
    reason:
      'evaluation evidence is stale: model moved: 77ab01d2f3c4 -> 19e05bb7a6d1; cold-start evidence is inconclusive: p90 is between 388 ms and 640 ms, and the budget of 500 ms is not decided',
    progress: null,
    next: 'plimsoll evaluate',
  },
} as const;

/** A request for a release, made up, a few seconds ago. */
export function askIn(state: keyof typeof more, nowMs: number): ShownAsk {
  const [atMs, changedAtMs] = [nowMs - 40_000, nowMs - 8_000];
  return { id: `ask-${state}`, state, by: 'ci', atMs, changedAtMs, bundle: digestOf('bundle 6'), ...more[state] };
}
