import { describe, expect, it } from 'vitest';
import { sumKeptWarm } from './kept-previous.ts';

const minute = 60_000;
const at = (minutes: number, leftAnother = true) => ({ atMs: minutes * minute, leftAnother });

describe('previous releases that are kept warm', () => {
  it.each([
    ['none', [], 60, 100, { releases: 0, keptMs: 0 }],
    ['the whole window', [at(0)], 60, 100, { releases: 1, keptMs: 60 * minute }],
    ['until now', [at(80)], 60, 100, { releases: 1, keptMs: 20 * minute }],
    ['until the next takeover', [at(0), at(20)], 60, 50, { releases: 2, keptMs: 50 * minute }],
    ['a first release leaves none', [at(0, false), at(30)], 60, 200, { releases: 1, keptMs: 60 * minute }],
    ['the same pair again ends the window', [at(0), at(10, false)], 60, 200, { releases: 1, keptMs: 10 * minute }],
    ['a window of nothing', [at(0), at(20)], 0, 50, { releases: 2, keptMs: 0 }],
  ])('%s', (_, takeovers, keepMinutes, nowMinutes, expected) => {
    expect(sumKeptWarm(takeovers, keepMinutes * minute, nowMinutes * minute)).toEqual(expected);
  });
});
