import { describe, expect, it } from 'vitest';
import { ledgerStates } from '../../../src/core/cost/ledger/state.ts';
import { amountOf, chooseMeasure, formatNumber, formatPart, formatTick, type Report, type Sums } from './measure.ts';

const money = { kind: 'money', currency: 'EUR' } as const;
const hours = { kind: 'hours', unit: 'accelerator' } as const;

const sums = (over: Partial<Sums> = {}): Sums => ({
  computeMs: 7_200_000,
  stateMs: Object.fromEntries(ledgerStates.map((state) => [state, 0])) as Sums['stateMs'],
  ...{ filledMs: 0, unratedMs: 0, answers: 0, tokens: 0, utilizationShare: null },
  micros: null,
  ...{ moneyMicros: {}, unpricedMs: 0, costPer1000AnswersMicros: null, costPerMillionTokensMicros: null },
  ...over,
});
const report = (currency: string | null = null): Report => ({
  ...{ fromMs: 0, toMs: 0, openFromMs: null, by: [], service: null, environment: null, units: [], errors: [] },
  ...{ errorCount: 0, currency, currencies: currency === null ? [] : [currency], prices: [], unused: [] },
});

describe('what the page counts in', () => {
  const unit = (total: Sums) => ({ unit: 'accelerator' as const, devices: 1, groups: [], total, unattributable: [] });
  it.each([
    ['a currency and a price', 'EUR', sums({ micros: 5 }), money],
    ['a currency, and no price for these devices', 'EUR', sums({ micros: null }), hours],
    ['no currency', null, sums({ micros: 5 }), hours],
    ['a control plane that knows no prices', undefined, sums(), hours],
  ] as const)('with %s', (_, currency, total, measure) => {
    expect(chooseMeasure(report(currency), unit(total))).toEqual(measure);
  });

  it('is millionths of money or milliseconds of time; what has no price costs nothing', () => {
    expect(amountOf(sums({ micros: 5 }), money)).toBe(5);
    expect(amountOf(sums({ micros: null }), money)).toBe(0);
    expect(amountOf(sums({ micros: 5 }), hours)).toBe(7_200_000);
  });
});

describe('an amount', () => {
  it.each([
    [0, '0'],
    [1, '0.000001'],
    [42_000, '0.042'],
    [12_340_000, '12.34'],
    [1_379_972_000, '1,379.97'],
    [1e12, '1,000,000.00'],
  ])('of %d millionths is %s', (micros, text) => expect(formatNumber(micros, money)).toBe(text));
  it.each([
    [30_000, '0.0083'],
    [3_600_000, '1.00'],
    [36_000_000, '10.0'],
    [4_500_000 * 360, '450'],
    [3_600_000 * 1_428, '1,428'],
  ])('of %d milliseconds is %s hours', (ms, text) => expect(formatNumber(ms, hours)).toBe(text));
  it('beside an axis has the digits of a round number', () => {
    const told = [0, 60, 0.125, 12.5, 1_500, 0.00075].map((value) => formatTick(value * 1e6, money));
    expect(told).toEqual(['0', '60', '0.125', '12.5', '1,500', '0.00075']);
  });
});

describe('a part', () => {
  it.each([
    [0, 100, '0%'],
    [5, 0, '0%'],
    [0.4, 100, '<1%'],
    [38.4, 100, '38%'],
    [99.6, 100, '>99%'],
    [100, 100, '100%'],
  ])('%d of %d is %s: some is never nothing, and never all', (amount, total, text) =>
    expect(formatPart(amount, total)).toBe(text),
  );
});
