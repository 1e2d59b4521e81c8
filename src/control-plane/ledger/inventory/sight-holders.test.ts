import { describe, expect, it } from 'vitest';
import { readDcgmSeries } from '../../../core/cost/ledger/devices/read-dcgm-series.ts';
import { parseExposition } from '../../../protocols/prometheus-text/parse-exposition.ts';
import { appeared, began, whole } from '../../../testing/builders/cost/ledger-builders.ts';
import { StandingFacts } from '../record/standing-facts.ts';
import { findHolders, makeSightingFacts } from './sight-holders.ts';

const standing = new StandingFacts();
for (const fact of [
  appeared(0, 'GPU-own'),
  appeared(0, 'GPU-free'),
  appeared(0, 'GPU-quiet'),
  appeared(0, 'GPU-other'),
  appeared(0, 'GPU-shared', { kind: 'shared', sharing: 'time-slicing', shares: 2 }),
  began(0, 'ranker-abc-1.2', whole('GPU-own')),
])
  standing.apply(fact);

const series = (uuid: string, pod: string, value: number, more = ''): string =>
  `DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="${uuid}",namespace="prod",pod="${pod}"${more}} ${value}`;
const holdersOf = (...lines: readonly string[]) => {
  const text = ['# TYPE DCGM_FI_PROF_GR_ENGINE_ACTIVE gauge', ...lines, ''].join('\n');
  const found = findHolders(standing, readDcgmSeries(parseExposition(text).samples));
  return Object.fromEntries([...found].map(([device, holders]) => [device, [...holders]]));
};

describe('findHolders', () => {
  it('sights pods that are no replicas, and programs without a pod on devices that nobody holds', () => {
    expect(
      holdersOf(
        series('GPU-own', 'ranker-abc-1', 0.9),
        series('GPU-other', 'notebook-0', 0),
        series('GPU-free', '', 0.4),
        series('GPU-quiet', '', 0.004),
        series('GPU-unknown', 'notebook-1', 0.9),
      ),
    ).toEqual({ 'GPU-other': ['prod/notebook-0'], 'GPU-free': ['a program that no pod is told for'] });
  });

  it('sights nobody on the shares of a board: one measurement is copied to all of its pods', () => {
    expect(
      holdersOf(
        series('GPU-shared', 'notebook-0', 0.6),
        series('GPU-shared', 'notebook-1', 0.6),
        series('GPU-free', 'notebook-2', 0.6, ',GPU_I_ID="1"'),
      ),
    ).toEqual({});
  });

  it('sights another pod beside the replica that holds the board', () => {
    expect(holdersOf(series('GPU-own', 'ranker-abc-1', 0.9), series('GPU-own', 'notebook-0', 0.9))).toEqual({
      'GPU-own': ['prod/notebook-0'],
    });
  });
});

describe('makeSightingFacts', () => {
  it('records who was there at both looks, for the time between', () => {
    const at = { recorder: 'r', monotonicMs: 90, wallMs: 1_090 };
    const before = new Map([['GPU-free', new Set(['a', 'b'])]]);
    const now = new Map([
      ['GPU-free', new Set(['b', 'c'])],
      ['GPU-other', new Set(['a'])],
    ]);
    expect(makeSightingFacts(before, now, 30, at)).toEqual([
      { kind: 'holder-sighted', device: 'GPU-free', slot: 'whole', holder: 'b', fromMonotonicMs: 30, at },
    ]);
  });
});
