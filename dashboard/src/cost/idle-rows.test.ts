import { describe, expect, it } from 'vitest';
import type { CostUnit } from '../../../src/schemas/http/cost/http-cost.ts';
import { listIdle, tellUnit } from './idle-rows.ts';
import type { CostGroup } from './measure.ts';

const hours = { kind: 'hours', unit: 'accelerator' } as const;
const money = { kind: 'money', currency: 'EUR' } as const;
const hourMs = 3_600_000;

const group = (
  state: string,
  cause: string | null,
  service: string | null,
  deviceHours: number,
  micros = 0,
): CostGroup => ({
  group: { state, cause, service, environment: service === null ? null : 'prod' },
  ...{ computeMs: deviceHours * hourMs, stateMs: {} as CostGroup['stateMs'], micros, filledMs: 0, unratedMs: 0 },
  ...{ answers: 0, tokens: 0, utilizationShare: null },
  ...{ moneyMicros: {}, unpricedMs: 0, costPer1000AnswersMicros: null, costPerMillionTokensMicros: null },
});
const unitOf = (groups: readonly CostGroup[]): CostUnit => {
  const computeMs = groups.reduce((sum, each) => sum + each.computeMs, 0);
  const micros = groups.reduce((sum, each) => sum + (each.micros ?? 0), 0);
  const total = { ...group('', null, null, 0), computeMs, micros };
  return { unit: 'accelerator', devices: 2, groups: [...groups], total, unattributable: [] };
};
const unit = unitOf([
  group('serving', null, 'digits', 50, 90e6),
  group('loading', null, 'digits', 2, 4e6),
  group('idle', 'min-replicas', 'digits', 10, 20e6),
  group('idle', 'warm-pool', 'chat', 12, 6e6),
  group('unallocated', 'no-demand', null, 20, 10e6),
  group('unattributable', null, 'digits', 6, 10e6),
]);

describe('what does no work', () => {
  it('stands with its cause and the change that removes it, the largest first', () => {
    expect(listIdle(unit, hours).map(({ service, state, why, change }) => [service, state, why, change])).toEqual([
      [null, 'unallocated', 'no demand', expect.stringContaining('Take devices out of the pool')],
      ['chat', 'idle', 'warm pool', 'Lower `scaling.warmPool`.'],
      ['digits', 'idle', 'minimum of replicas', expect.stringContaining('Lower `scaling.replicas.min`')],
    ]);
  });

  it('is in another order where money says so', () => {
    expect(listIdle(unit, money).map(({ service, amount }) => [service, amount])).toEqual([
      ['digits', 20e6],
      [null, 10e6],
      ['chat', 6e6],
    ]);
  });
});

describe('what matters most', () => {
  const tell = (of: CostUnit, measure: typeof hours | typeof money, isFleet: boolean): string =>
    tellUnit(of, listIdle(of, measure), { measure, last: '24h', isFleet });

  it('is said of money, and what cannot be told is said with it', () => {
    expect(tell(unit, money, true)).toBe(
      'The last 24 hours cost 140.00 EUR: 26.00 (19%) idle, 10.00 (7%) held by no replica, 10.00 (7%) unattributable. ' +
        'Largest cause: digits prod, minimum of replicas, 20.00 EUR.',
    );
  });

  it('is said of time where there are no prices', () => {
    expect(tell(unit, hours, true)).toBe(
      '100 accelerator-hours in the last 24 hours: 22.0 (22%) idle, 20.0 (20%) held by no replica, 6.00 (6%) unattributable. ' +
        'Largest cause: unallocated, 20.0 accelerator-hours.',
    );
  });

  it('names no service on its own page, and no cause where nothing idles', () => {
    const own = unitOf([group('serving', null, 'digits', 5), group('idle', 'no-demand', 'digits', 5)]);
    expect(tell(own, hours, false)).toBe(
      '10.0 accelerator-hours in the last 24 hours: 5.00 (50%) idle. Largest cause: no demand, 5.00 accelerator-hours.',
    );
    const busy = unitOf([group('serving', null, 'digits', 5)]);
    expect(tell(busy, hours, false)).toBe('5.00 accelerator-hours in the last 24 hours: none of it idle.');
  });
});
