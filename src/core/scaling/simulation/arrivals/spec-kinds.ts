import { readDuration } from '../../../units/quantity/quantity-duration.ts';
import { readFrequency } from '../../../units/quantity/quantity-frequency.ts';
import { unreadable, type Quantity } from '../../../units/quantity/quantity.ts';
import type { Arrivals } from '../world.ts';
import { makeBursts, type BurstState } from './bursts.ts';
import { makeConstant, makePoisson, makeVarying, type GeneratedArrivals } from './generated.ts';
import { diurnalRate, flashRate } from './rates.ts';
import type { SpecFields } from './spec-fields.ts';

/** One kind of arrivals as text: its keys, and how they make arrivals. */
export interface SpecKind {
  readonly keys: readonly string[];
  readonly make: (
    fields: SpecFields,
    generated: GeneratedArrivals,
  ) => {
    readonly arrivals: Arrivals;
    /** Requests and changes of state that have to be drawn, a second; at most. */
    readonly drawnPerSecond: number;
  };
}

const dayMs = 86_400_000;

export const specKinds: Readonly<Record<string, SpecKind>> = {
  poisson: {
    keys: ['rate'],
    make: (fields, generated) => {
      const drawnPerSecond = fields.rate('rate');
      return { arrivals: makePoisson(drawnPerSecond, generated), drawnPerSecond };
    },
  },
  constant: {
    keys: ['rate'],
    make: (fields, generated) => {
      const drawnPerSecond = fields.rate('rate');
      return { arrivals: makeConstant(drawnPerSecond, generated), drawnPerSecond };
    },
  },
  diurnal: {
    keys: ['rate', 'amplitude', 'period', 'peak'],
    make: (fields, generated) => {
      const periodMs = fields.durationMs('period', { fallbackMs: dayMs });
      const rate = diurnalRate({
        meanPerSecond: fields.rate('rate'),
        amplitudeShare: fields.share('amplitude'),
        periodMs,
        peakAtMs: fields.durationMs('peak', { fallbackMs: periodMs / 2, zero: true }),
      });
      return { arrivals: makeVarying(rate, generated), drawnPerSecond: rate.greatestPerSecond };
    },
  },
  bursts: {
    keys: [],
    make: (fields, generated) => {
      const states = fields.rest(readState).map(({ name, value }): BurstState => ({ name, ...value }));
      if (states.length < 2) throw fields.wrong('bursts needs two states or more', 'as `calm=5/s*10m,burst=50/s*30s`');
      return { arrivals: makeBursts(states, generated), drawnPerSecond: drawnBy(states) };
    },
  },
  flash: {
    keys: ['rate', 'factor', 'at', 'lasting', 'ramp'],
    make: (fields, generated) => {
      const rate = flashRate({
        basePerSecond: fields.rate('rate'),
        factor: fields.number('factor'),
        atMs: fields.durationMs('at', { zero: true }),
        lastingMs: fields.durationMs('lasting'),
        rampMs: fields.durationMs('ramp', { fallbackMs: 0, zero: true }),
      });
      return { arrivals: makeVarying(rate, generated), drawnPerSecond: rate.greatestPerSecond };
    },
  },
  silence: {
    keys: ['rate', 'on', 'off'],
    make: (fields, generated) => {
      const states: readonly BurstState[] = [
        { name: 'on', ratePerSecond: fields.rate('rate'), meanMs: fields.durationMs('on') },
        { name: 'off', ratePerSecond: 0, meanMs: fields.durationMs('off') },
      ];
      return { arrivals: makeBursts(states, generated), drawnPerSecond: drawnBy(states) };
    },
  },
};

function drawnBy(states: readonly BurstState[]): number {
  return Math.max(...states.map(({ ratePerSecond, meanMs }) => ratePerSecond + 1_000 / meanMs));
}

/** `50/s*30s`: a rate, 0 for silence, and the mean time that it lasts. */
function readState(text: string): Quantity<{ readonly ratePerSecond: number; readonly meanMs: number }> {
  const form = 'a rate and the mean time that it lasts, as `50/s*30s`';
  const [rateText, meanText, ...more] = text.split('*');
  if (rateText === undefined || meanText === undefined || more.length > 0) return unreadable(form);
  const [rate, mean] = [readFrequency(rateText.trim()), readDuration(meanText.trim())];
  if (!rate.ok) return unreadable(form, rate.hint);
  if (!mean.ok) return unreadable(form, mean.hint);
  if (!(mean.value > 0)) return unreadable(form, 'a state lasts longer than 0');
  return { ok: true, value: { ratePerSecond: rate.value, meanMs: mean.value } };
}
