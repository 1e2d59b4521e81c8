import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountTop, barName, barWords, namedBars } from './chart-axis.ts';
import type { CostGroup } from './measure.ts';
import { fills, makeSeries, stateFills } from './series.ts';

const hours = { kind: 'hours', unit: 'accelerator' } as const;
const money = { kind: 'money', currency: 'EUR' } as const;
const hourMs = 3_600_000;
const fromMs = Date.UTC(2026, 0, 30, 15);

const group = (of: CostGroup['group'], computeMs: number, micros: number | null = null): CostGroup => ({
  group: of,
  ...{ computeMs, stateMs: {} as CostGroup['stateMs'], micros, filledMs: 0, unratedMs: 0, answers: 0, tokens: 0 },
  ...{ moneyMicros: {}, unpricedMs: 0, costPer1000AnswersMicros: null, costPerMillionTokensMicros: null },
  utilizationShare: null,
});
const at = (hour: number): string => new Date(fromMs + hour * hourMs).toISOString();

describe('bars', () => {
  it('of states stand in the order of the states, a state that is nowhere left out', () => {
    const series = makeSeries(
      [
        group({ hour: at(0), state: 'unallocated' }, 10),
        group({ hour: at(0), state: 'serving' }, 30),
        group({ hour: at(2), state: 'idle' }, 5),
      ],
      { last: '24h', by: 'state' },
      hours,
      fromMs,
    );
    expect(series.parts.map(({ key, total }) => [key, total])).toEqual([
      ['serving', 30],
      ['idle', 5],
      ['unallocated', 10],
    ]);
    expect(series.bars).toHaveLength(24);
    expect(series.bars.slice(0, 3).map(({ isKnown, total }) => [isKnown, total])).toEqual([
      [true, 40],
      [false, 0],
      [true, 5],
    ]);
    expect(series.total).toBe(45);
  });

  it('of money leave out what has no price', () => {
    const groups = [group({ day: '2026-01-02', state: 'idle' }, 9, 7), group({ day: '2026-01-02', state: 'idle' }, 9)];
    const series = makeSeries(groups, { last: '30d', by: 'state' }, money, Date.UTC(2026, 0, 2));
    expect([series.total, series.bars[0]?.total, series.bars.length]).toEqual([7, 7, 30]);
  });

  it('of services name the five largest, then add up the others, and nobody comes last', () => {
    const services = Array.from({ length: 7 }, (_, index) =>
      group({ hour: at(index), service: `s${index}`, environment: 'prod' }, 100 - index),
    );
    const nobody = group({ hour: at(0), service: null, environment: null }, 500);
    const { parts } = makeSeries([nobody, ...services], { last: '24h', by: 'service' }, hours, fromMs);
    expect(parts.map(({ label, total }) => `${label} ${total}`)).toEqual([
      's0 prod 100',
      's1 prod 99',
      's2 prod 98',
      's3 prod 97',
      's4 prod 96',
      '2 other services 189',
      'no service 500',
    ]);
    expect(parts.map(({ fill }) => fill)).toEqual(['solid', 'hatch', 'dots', 'upright', 'level', 'cross', 'empty']);
  });

  it('of releases are named by their numbers', () => {
    const groups = [group({ hour: at(0), release: 'digits/prod/7' }, 1)];
    const { parts } = makeSeries(groups, { last: '24h', by: 'release' }, hours, fromMs);
    expect(parts.map(({ label }) => label)).toEqual(['release 7']);
  });

  it('hold all that was given, in every way of looking at it', () => {
    const anyGroup = fc
      .record({
        hour: fc.nat(23),
        state: fc.constantFrom(...Object.keys(stateFills)),
        service: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')),
        ms: fc.nat(3_600_000),
      })
      .map(({ hour, state, service, ms }) => group({ hour: at(hour), state, service, environment: 'prod' }, ms));
    fc.assert(
      fc.property(fc.array(anyGroup), fc.constantFrom('state' as const, 'service' as const), (groups, by) => {
        const { bars, parts, total } = makeSeries(groups, { last: '24h', by }, hours, fromMs);
        const given = groups.reduce((sum, { computeMs }) => sum + computeMs, 0);
        expect(total).toBe(given);
        expect(bars.reduce((sum, bar) => sum + bar.total, 0)).toBe(given);
        expect(new Set(parts.map(({ fill }) => fill)).size).toBe(parts.length);
      }),
    );
  });

  it('tell each state from the others without colour', () => {
    expect(Object.values(stateFills).toSorted()).toEqual(fills.toSorted());
  });
});

describe('the axis', () => {
  const series = makeSeries(
    [group({ hour: at(0), state: 'idle' }, 21 * hourMs)],
    { last: '24h', by: 'state' },
    hours,
    fromMs,
  );
  it('names each sixth hour, and each seventh day', () => {
    expect(namedBars(series.bars, '24h').map((index) => barName(series.bars[index]?.startMs ?? 0, '24h'))).toEqual([
      '18:00',
      '00:00',
      '06:00',
      '12:00',
    ]);
    const { bars } = makeSeries([], { last: '30d', by: 'state' }, hours, Date.UTC(2026, 0, 2));
    expect(namedBars(bars, '30d').map((index) => barName(bars[index]?.startMs ?? 0, '30d'))).toEqual([
      '7 Jan',
      '14 Jan',
      '21 Jan',
      '28 Jan',
    ]);
  });
  it('ends at a round number over the tallest bar, and at one where nothing is drawn', () => {
    expect(amountTop(series.bars, hours)).toBe(25 * hourMs);
    expect(amountTop([], hours)).toBe(hourMs);
  });
  it('says which time a bar is', () => {
    expect(barWords(fromMs, '24h')).toBe('15:00 to 16:00 UTC');
    expect(barWords(fromMs, '30d')).toBe('30 Jan UTC');
  });
});
