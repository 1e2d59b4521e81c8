import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../records/event.ts';
import { changeStandsMs, decideCostNews, readRecordedParts, type RecordedParts } from './cost-news.ts';
import type { JudgedCost } from './judge-cost.ts';

const budget = { amount: 5, currency: 'EUR', perMs: 86_400_000 };
const cost = { prices: 'prices.yaml', budget };
const judged = (verdict: 'pass' | 'fail' | 'inconclusive' | 'unknown' | null): JudgedCost => ({
  verdict: verdict ?? 'unknown',
  reasons: [],
  parts: verdict === null ? {} : { budget: { verdict, reasons: ['today (UTC) cost 6.00 EUR'] } },
  remedy: {
    cause: 'warm-pool',
    change: 'Lower `scaling.warmPool`.',
    idleMs: 3_600_000,
    micros: 500_000,
    currency: 'EUR',
  },
  toMs: 0,
});
const news = (recorded: RecordedParts, verdict: Parameters<typeof judged>[0], nowMs = changeStandsMs) =>
  decideCostNews(recorded, { judged: judged(verdict), cost, release: 3 }, nowMs).map(({ kind }) => kind);
const brokenAt = (atMs: number) => ({ budget: { isBroken: true, atMs } });
const heldAt = (atMs: number) => ({ budget: { isBroken: false, atMs } });

describe('decideCostNews', () => {
  test('tells what broke with the change that saves most, and its amount', () => {
    expect(decideCostNews({}, { judged: judged('fail'), cost, release: 3 }, 0)).toEqual([
      {
        kind: 'cost.broken',
        summary:
          'The budget is broken: today (UTC) cost 6.00 EUR. Next: Lower `scaling.warmPool`. It saves at most 1h 0m of device time (0.500000 EUR) in 24 h; cause: warm-pool',
        data: {
          ...{ what: 'budget', release: 3, reason: 'today (UTC) cost 6.00 EUR' },
          remedy:
            'Lower `scaling.warmPool`. It saves at most 1h 0m of device time (0.500000 EUR) in 24 h; cause: warm-pool',
          ...{ cause: 'warm-pool', idleMs: 3_600_000, micros: 500_000, currency: 'EUR' },
        },
      },
    ]);
  });

  test.each([
    ['nothing is recorded, it fails', {}, 'fail', ['cost.broken']],
    ['nothing is recorded, it passes', {}, 'pass', []],
    ['nothing is recorded, it is unknown', {}, 'unknown', []],
    ['broken, it fails still', brokenAt(0), 'fail', []],
    ['broken, it passes', brokenAt(0), 'pass', ['cost.holds']],
    ['broken, it is inconclusive', brokenAt(0), 'inconclusive', []],
    ['broken, it is not judged now', brokenAt(0), null, []],
    ['broken less than an hour ago, it passes', brokenAt(1), 'pass', []],
    ['held again, it fails', heldAt(0), 'fail', ['cost.broken']],
    ['held again less than an hour ago, it fails', heldAt(1), 'fail', []],
  ] as const)('%s', (_, recorded, verdict, kinds) => {
    expect(news(recorded, verdict)).toEqual(kinds);
  });

  test('a limit that is taken out of the contract is broken no more', () => {
    const taken = { judged: judged(null), cost: { prices: 'prices.yaml' }, release: 4 };
    expect(decideCostNews(brokenAt(5), taken, 6)).toMatchObject([
      { kind: 'cost.holds', data: { reason: 'the contract has no limit `cost.budget` any more', release: 4 } },
    ]);
  });

  test('a value that swings about its limit is told at most once an hour', () => {
    let recorded: RecordedParts = {};
    let told = 0;
    for (let minute = 0; minute < 600; minute += 1) {
      const nowMs = minute * 60_000;
      for (const { kind } of decideCostNews(
        recorded,
        { judged: judged(minute % 2 === 0 ? 'fail' : 'pass'), cost, release: 1 },
        nowMs,
      )) {
        told += 1;
        recorded = { budget: { isBroken: kind === 'cost.broken', atMs: nowMs } };
      }
    }
    expect(told).toBe(10);
  });
});

test('what was recorded last of each part is read from events', () => {
  const event = (kind: string, atMs: number, data: object) => ({ kind, atMs, data }) as unknown as StoredEvent;
  expect(
    readRecordedParts([
      event('cost.broken', 1, { what: 'budget' }),
      event('cost.broken', 2, { what: 'utilization' }),
      event('cost.holds', 3, { what: 'budget' }),
      event('cost.renamed', 4, { what: 'budget' }),
      event('cost.broken', 5, {}),
    ]),
  ).toEqual({ budget: { isBroken: false, atMs: 3 }, utilization: { isBroken: true, atMs: 2 } });
});
