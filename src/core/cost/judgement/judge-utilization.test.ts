import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceAccount, serviceHour } from '../../../testing/builders/cost/account-builders.ts';
import { hour } from '../../../testing/builders/cost/ledger-builders.ts';
import { judgeUtilization } from './judge-utilization.ts';

const limit = (share: number, operator: '>=' | '>' = '>=') => ({ operator, share });
/** 24 hours: 16 idle, 6 filled, 2 of which nobody knows what was done. */
const day = serviceAccount([
  ...Array.from({ length: 16 }, (_, index) => serviceHour(index, { idle: hour })),
  ...Array.from({ length: 6 }, (_, index) => serviceHour(16 + index, { serving: hour }, { filledMs: hour })),
  ...Array.from({ length: 2 }, (_, index) => serviceHour(22 + index, { unattributable: hour })),
]);

describe('judgeUtilization', () => {
  test.each([
    [0.2, 'pass'],
    [0.25, 'pass'],
    [0.3, 'inconclusive'],
    [0.34, 'fail'],
  ] as const)('a limit of %s against 25% to 33%', (share, verdict) => {
    expect(judgeUtilization(day, limit(share)).verdict).toBe(verdict);
  });

  test('says the share, the time that it is of, and the limit', () => {
    expect(judgeUtilization(day, limit(0.4)).reasons).toEqual([
      'utilization is 25% to 33% of 1d 0h, the limit is `>=40%`',
    ]);
  });

  test('`>` is not `>=`', () => {
    const half = serviceAccount(
      Array.from({ length: 24 }, (_, index) =>
        serviceHour(index, { serving: hour / 2, idle: hour / 2 }, { filledMs: hour / 2 }),
      ),
    );
    expect(judgeUtilization(half, limit(0.5)).verdict).toBe('pass');
    expect(judgeUtilization(half, limit(0.5, '>')).verdict).toBe('fail');
  });

  test('busy time below capacity is not filled', () => {
    const slack = Array.from({ length: 24 }, (_, index) =>
      serviceHour(index, { serving: hour }, { filledMs: hour / 10 }),
    );
    expect(judgeUtilization(serviceAccount(slack), limit(0.4)).verdict).toBe('fail');
  });

  test('is unknown without capacity evidence', () => {
    const unrated = Array.from({ length: 24 }, (_, index) =>
      serviceHour(index, { serving: hour }, { unratedMs: hour }),
    );
    expect(judgeUtilization(serviceAccount(unrated), limit(0.4))).toEqual({
      verdict: 'unknown',
      reasons: ['utilization is not known: no capacity is measured (`plimsoll capacity`)'],
    });
    expect(judgeUtilization(serviceAccount([]), limit(0.4)).verdict).toBe('unknown');
  });

  test('a day that idled away is no unknown', () => {
    const idle = Array.from({ length: 24 }, (_, index) => serviceHour(index, { idle: hour }));
    expect(judgeUtilization(serviceAccount(idle), limit(0.4)).verdict).toBe('fail');
  });

  test('a service of less than 24 hours is inconclusive, whatever its share', () => {
    const hours = day.hours.slice(0, 23);
    expect(judgeUtilization(serviceAccount(hours), limit(0.9)).verdict).toBe('inconclusive');
    const older = { dayMs: day.fromMs - 24 * hour, currency: null, micros: 0, unpricedMs: 0 };
    expect(judgeUtilization(serviceAccount(hours, { days: [older] }), limit(0.9)).verdict).toBe('fail');
  });

  test('more filled time never makes a pass of anything else than a pass', () => {
    const order = ['fail', 'inconclusive', 'pass'];
    fc.assert(
      fc.property(
        fc.nat(hour),
        fc.nat(hour),
        fc.nat(hour),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, lost, share) => {
          const account = (filledMs: number) =>
            serviceAccount(
              Array.from({ length: 24 }, (_, index) =>
                serviceHour(index, { serving: hour, unattributable: lost }, { filledMs }),
              ),
            );
          const [less, more] = [Math.min(a, b), Math.max(a, b)].map((filled) =>
            order.indexOf(judgeUtilization(account(filled), limit(share)).verdict),
          );
          expect(less).toBeLessThanOrEqual(more ?? -1);
        },
      ),
    );
  });
});
