import { expect, it } from 'vitest';
import { shortening } from './start-advice.ts';
import type { ObservedStart } from './start-distribution.ts';
import { summarizeStarts } from './start-summary.ts';

const start = (factor: number): ObservedStart => ({
  totalMs: 100 * factor,
  outcome: 'ready',
  phases: [
    { phases: ['process-start'], durationMs: 20 * factor },
    { phases: ['weights-load', 'engine-init'], durationMs: 70 * factor },
  ],
});

it('summarizes each phase, the whole, what no phase explains, and names the slowest with advice', () => {
  const summary = summarizeStarts(
    Array.from({ length: 29 }, (_, at) => start(at + 1)),
    'node-disk',
    0.9,
    0.95,
  );
  expect(summary.whole).toEqual({ phases: [], p50Ms: 1_500, p90Ms: 2_700, estimateMs: 2_700, upperMs: 2_900 });
  expect(summary.phases.map(({ phases, p50Ms }) => [phases.join(' + '), p50Ms])).toEqual([
    ['process-start', 300],
    ['weights-load + engine-init', 1_050],
  ]);
  expect(summary.other.p50Ms).toBe(150);
  expect(summary.slowest).toMatchObject({ phases: ['weights-load', 'engine-init'], share: 0.7 });
  expect(summary.slowest?.shorten[0]).toContain('page cache');
});

it('says that a time is not known where starts failed, and counts them', () => {
  const summary = summarizeStarts(
    [start(1), { totalMs: 5, outcome: 'failed', phases: [] }, { totalMs: 9, outcome: 'running', phases: [] }],
    'memory',
    0.9,
    0.95,
  );
  expect(summary).toMatchObject({ starts: 3, failed: 1, running: 1, whole: { p90Ms: null, upperMs: null } });
  expect(summarizeStarts([], 'memory', 0.9, 0.95).slowest).toBeNull();
});

it('does not advise what the tier has already', () => {
  expect(shortening(['weights-load'], 'memory').join()).not.toContain('page cache of');
  expect(shortening(['weights-load'], 'node-disk').join()).toContain('page cache of');
  expect(shortening(['weights-load', 'engine-init'], 'fresh-node').length).toBeGreaterThan(2);
});
