import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hour, owner } from '../../../testing/builders/cost/ledger-builders.ts';
import { pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { ledgerStates } from '../ledger/state.ts';
import { accountKey, sumServiceHours, type CurrencyCharge } from './service-hours.ts';

const charge = (
  over: Parameters<typeof pricedRow>[0],
  effectiveMicros: number | null = 100,
  currency: string | null = 'EUR',
): CurrencyCharge => ({ row: pricedRow(over), effectiveMicros, currency });
const ranker = accountKey('ranker', 'prod');

describe('sumServiceHours', () => {
  test('adds up states, idle by cause with its money, and reasons, service by service', () => {
    const sums = sumServiceHours([
      charge({ state: 'serving', cause: null, computeMs: 600, filledMs: 200, unratedMs: 50 }, 60),
      charge({ computeMs: 300, cause: 'min-replicas' }, 30),
      charge({ computeMs: 100, cause: 'min-replicas' }, 10),
      charge({ computeMs: 70, cause: 'warm-pool' }, 7),
      charge({ state: 'unattributable', cause: null, reason: 'node-gone', computeMs: 40 }, 4),
      charge({ owner: owner('other'), computeMs: 5 }, 1),
      charge({ owner: null, state: 'unallocated', computeMs: 900 }, 90),
    ]);
    expect([...sums.keys()]).toEqual([ranker, accountKey('other', 'prod')]);
    expect(sums.get(ranker)).toMatchObject({
      stateMs: { serving: 600, idle: 470, unattributable: 40, loading: 0, unallocated: 0 },
      ...{ filledMs: 200, unratedMs: 50 },
      idle: { 'min-replicas': { idleMs: 400, micros: 40 }, 'warm-pool': { idleMs: 70, micros: 7 } },
      unattributableMs: { 'node-gone': 40 },
      ...{ currency: 'EUR', micros: 111, unpricedMs: 0 },
    });
  });

  test('time without a price, or in a second currency, is unpriced and has no money', () => {
    const sums = sumServiceHours([
      charge({ computeMs: 10 }, null),
      charge({ computeMs: 20 }, 5),
      charge({ computeMs: 30, cause: 'warm-pool' }, 7, 'USD'),
    ]);
    expect(sums.get(ranker)).toMatchObject({ currency: 'EUR', micros: 5, unpricedMs: 40 });
    expect(sums.get(ranker)?.idle).toEqual({
      'no-demand': { idleMs: 30, micros: null },
      'warm-pool': { idleMs: 30, micros: null },
    });
  });

  test('the states of all services add up to the time of all owned rows', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ service: fc.constantFrom('a', 'b'), ms: fc.nat(hour), at: fc.nat(ledgerStates.length - 1) }),
        ),
        (rows) => {
          const charges = rows.map(({ service, ms, at }) =>
            charge({ owner: owner(service), state: ledgerStates[at] ?? 'idle', cause: null, computeMs: ms }),
          );
          const sums = [...sumServiceHours(charges).values()].flatMap(({ stateMs }) => Object.values(stateMs));
          expect(sums.reduce((sum, ms) => sum + ms, 0)).toBe(rows.reduce((sum, { ms }) => sum + ms, 0));
        },
      ),
    );
  });
});
