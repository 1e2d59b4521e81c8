import { describe, expect, test } from 'vitest';
import { serviceAccount, serviceHour } from '../../../testing/builders/cost/account-builders.ts';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { hour } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
import { describeRemedy, findRemedy } from './find-remedy.ts';
import { judgeCost, remedyOf } from './judge-cost.ts';
import { mostMicrosPerHour } from './most-per-hour.ts';
import { addToDays, dayMs } from './service-account.ts';

const contractWith = (lines: string) => loadContract(`${minimalContract}${lines}\n`).contract;
const priced = { currency: 'EUR', micros: 100_000 } as const;
const idleDay = serviceAccount(
  Array.from({ length: 24 }, (_, index) =>
    serviceHour(
      index,
      { serving: hour / 4, idle: (3 * hour) / 4 },
      {
        ...priced,
        filledMs: hour / 4,
        idle: {
          'min-replicas': { idleMs: hour / 2, micros: 20_000 },
          'warm-pool': { idleMs: hour / 4, micros: 55_000 },
        },
      },
    ),
  ),
);

describe('judgeCost', () => {
  test('without budget and utilization attribution alone is judged', () => {
    const judged = judgeCost(idleDay, contractWith('cost: { prices: prices.yaml }'), null, idleDay.toMs);
    expect(judged.verdict).toBe('pass');
    expect(Object.keys(judged.parts)).toEqual(['attribution']);
  });

  test('the worst part decides, and its reasons come first', () => {
    const contract = contractWith('cost: { prices: prices.yaml, budget: 3 EUR/day, utilization: ">=40%" }');
    const judged = judgeCost(idleDay, contract, 100_000, idleDay.toMs);
    expect(judged).toMatchObject({
      verdict: 'fail',
      parts: {
        attribution: { verdict: 'pass' },
        budget: { verdict: 'pass' },
        utilization: { verdict: 'fail' },
      },
    });
    expect(judged.reasons[0]).toBe('utilization is 25% of 1d 0h, the limit is `>=40%`');
    expect(judgeCost(idleDay, contract, null, idleDay.toMs).parts.budget?.verdict).toBe('inconclusive');
  });

  test('an account that tells nothing of now judges no budget', () => {
    const contract = contractWith('cost: { prices: prices.yaml, budget: 1 EUR/day, utilization: ">=40%" }');
    for (const judged of [
      judgeCost(null, contract, 0, 0),
      judgeCost(idleDay, contract, 0, idleDay.toMs + hour),
      judgeCost(serviceAccount([]), contract, 0, serviceAccount([]).toMs),
    ]) {
      expect(judged.verdict).toBe('unknown');
      expect(Object.keys(judged.parts)).toEqual(['attribution']);
    }
  });
});

describe('findRemedy', () => {
  const contract = contractWith(
    'scaling: { replicas: { min: 2, max: 3 }, warmPool: 1 }\ncost: { prices: prices.yaml }\nrollout: { keepPrevious: 30m }',
  );

  test('names the change that saves most money, and most time where no money is known', () => {
    const remedy = findRemedy(idleDay, contract);
    expect(remedy).toMatchObject({ cause: 'warm-pool', idleMs: 6 * hour, micros: 1_320_000, currency: 'EUR' });
    const unpriced = idleDay.hours.map((each) => ({
      ...each,
      idle: { 'min-replicas': { idleMs: hour / 2, micros: null }, 'warm-pool': { idleMs: hour / 4, micros: null } },
    }));
    expect(findRemedy({ ...idleDay, hours: unpriced }, contract)).toMatchObject({
      cause: 'min-replicas',
      micros: null,
    });
  });

  test('says what to write, and what it saves at most', () => {
    const judged = judgeCost(idleDay, contract, null, idleDay.toMs);
    expect(remedyOf(judged)).toBe(
      'Lower `scaling.warmPool`. It saves at most 6h 0m of device time (1.32 EUR) in 24 h; cause: warm-pool',
    );
  });

  test.each([
    ['min-replicas', 'scaling: { replicas: { min: 2, max: 2 } }', true],
    [
      'min-replicas',
      'coldStart: { p50: 9s, from: memory }\nscaling: { replicas: { min: 0, max: 2 }, toZero: when-proven }',
      false,
    ],
    ['keep-previous', '', true],
    ['keep-previous', 'rollout: { keepPrevious: 0s }', false],
    ['no-demand', 'hardware: { accelerator: cpu, host: { cpus: 4 } }', true],
    ['no-demand', 'hardware: { accelerator: nvidia }', true],
    ['no-demand', 'hardware: { accelerator: nvidia, sharing: [mps] }', false],
    ['no-demand', '', false],
    ['warm-pool', '', false],
    ['not-recorded', '', false],
  ] as const)('%s of a contract with %s has a change: %s', (cause, lines, hasChange) => {
    const own = serviceAccount([serviceHour(0, { idle: hour }, { idle: { [cause]: { idleMs: hour, micros: null } } })]);
    expect(findRemedy(own, contractWith(lines)) !== null).toBe(hasChange);
  });

  test('a cause without a change is not the largest one that counts', () => {
    const hours = [
      serviceHour(
        0,
        { idle: hour },
        {
          idle: { 'not-recorded': { idleMs: 50_000, micros: null }, 'keep-previous': { idleMs: 10_000, micros: null } },
        },
      ),
    ];
    const remedy = findRemedy(serviceAccount(hours), contractWith(''));
    expect(remedy === null ? null : describeRemedy(remedy)).toBe(
      'Shorten `rollout.keepPrevious`. A rollback after that waits for a start. It saves at most 10s of device time in 24 h; cause: keep-previous',
    );
  });
});

describe('mostMicrosPerHour', () => {
  test('four releases of the largest number of replicas, at the dearest price of now', () => {
    const most = (lines: string, book = priceBook()) => mostMicrosPerHour(contractWith(lines), book, 'gpus', 1);
    expect(most('')).toBe(4 * 40_000);
    expect(most('hardware: { accelerator: cpu, host: { cpus: 2 } }\nscaling: { replicas: { min: 1, max: 3 } }')).toBe(
      4 * 3 * 2 * 40_000,
    );
    const [h100] = priceBook().devices;
    if (h100 === undefined) throw new Error('no price');
    const devices = [h100, { ...h100, deviceClass: 'b200', microsPerHour: 6_000_000 }];
    expect(most('hardware: { accelerator: nvidia, devices: 2 }', priceBook({ devices }))).toBe(4 * 2 * 6_000_000);
    expect(most('', priceBook({ cores: [] }))).toBeNull();
    expect(most('scaling: { replicas: { min: 1, max: 2 }, actuator: none }')).toBeNull();
  });
});

test('days add up hours, and money of another currency is time without a price', () => {
  const hours = [
    serviceHour(0, { idle: 10 }, priced),
    serviceHour(1, { idle: 20 }, { unpricedMs: 20 }),
    serviceHour(2, { idle: 30, unattributable: 5 }, { currency: 'USD', micros: 7 }),
    serviceHour(25, { idle: 40 }, priced),
  ];
  const days = addToDays([], hours);
  expect(days).toEqual([
    { dayMs: hours[0]?.hourMs, currency: 'EUR', micros: 100_000, unpricedMs: 55 },
    { dayMs: (hours[0]?.hourMs ?? 0) + dayMs, currency: 'EUR', micros: 100_000, unpricedMs: 0 },
  ]);
});
