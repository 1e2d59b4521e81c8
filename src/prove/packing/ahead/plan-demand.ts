import { proveSteps } from '../../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { DemandForecast, RateRow } from '../../../core/packing/plan-ahead/demand/demand-forecast.ts';
import {
  fitHistory,
  type FittedHistory,
  type RecordedDay,
} from '../../../core/packing/plan-ahead/demand/fit-history.ts';
import type { SourcedService } from '../../../core/packing/plan-ahead/plan-report.ts';
import type { HeldFactors, Limits } from '../../../core/packing/plan-ahead/service-need.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Missing, PlannedBase, Sourced } from './planned-base.ts';
import type { StatedByService, StatedGrowth } from './stated-numbers.ts';

/** What is asked about the demand. Either a forecast or a growth. */
export interface AskedDemand {
  readonly forecast: ReadonlyMap<string, readonly RateRow[]> | null;
  readonly growth: StatedByService<StatedGrowth>;
  readonly history: ReadonlyMap<string, readonly RecordedDay[]>;
  readonly rate: StatedByService<number>;
  readonly perReplica: StatedByService<Limits>;
  readonly peak: StatedByService<Limits>;
}

/**
 * Returns a service with its demand. What an option states comes before recorded days, and these before evidence.
 * @throws PlimsollError `plan-input-missing` (unavailable) that says what is missing and what tells it.
 */
export function planDemand(base: PlannedBase, asked: AskedDemand): SourcedService {
  const { name, shape } = base.row;
  if (shape.devices === 0 && shape.cpuMilli + shape.memoryMib === 0) throw inputMissing(takesNothing(name));
  const recorded = asked.history.get(name);
  const fitted = recorded === undefined ? null : fitHistory(recorded);
  const perReplica = chooseStated(asked.perReplica.of(name), base.perReplica);
  const held = choosePeak(asked.peak.of(name), base.held);
  const demand = asked.forecast === null ? growDemand(base, asked, fitted) : followForecast(name, asked.forecast);
  const { weekday, note } = chooseWeekday(base, demand.value, fitted);
  const { peak, mean } = held.value;
  return {
    service: { ...base, perReplica: perReplica.value, held: held.value, demand: demand.value, weekday },
    from: [
      demand.from,
      `${limitsText(perReplica.value)} requests/s of one replica (${perReplica.from})`,
      `at the peak ${limitsText(peak)} times the replicas of the mean, on average ${numberText(mean)} times (${held.from})`,
    ],
    notes: [...note, ...noiseNote(name, demand.value)],
  };
}

function chooseStated<Value>(stated: Value | undefined, known: Sourced<Value> | Missing): Sourced<Value> {
  if (stated !== undefined) return { value: stated, from: 'stated' };
  if ('missing' in known) throw inputMissing(known);
  return known;
}

function choosePeak(stated: Limits | undefined, known: Sourced<HeldFactors> | Missing): Sourced<HeldFactors> {
  if (stated === undefined) return chooseStated(undefined, known);
  const mean = 'missing' in known ? 1 : Math.min(known.value.mean, stated.estimate);
  return { value: { peak: stated, mean }, from: 'stated' };
}

function growDemand(
  { row: { name }, rate }: PlannedBase,
  asked: AskedDemand,
  fitted: FittedHistory | null,
): Sourced<DemandForecast> {
  const stated = asked.growth.of(name);
  if (stated === undefined) {
    throw inputMissing({
      missing: `no growth of ${name} is stated`,
      next: `--growth ${name}=5%/week, or --forecast FILE`,
    });
  }
  const growth = stated === 'recorded' ? (fitted?.growth ?? null) : stated;
  if (growth === null) {
    throw inputMissing({
      missing: `recorded days do not tell the growth of ${name}: four whole weeks with requests are needed`,
      next: `--history FILE with more days, or --growth ${name}=5%/week`,
    });
  }
  const recorded =
    fitted === null
      ? rate
      : { value: fitted.ratePerSecond, from: `mean of the last week of ${fitted.days} recorded days` };
  const now = chooseStated(asked.rate.of(name), recorded);
  const { lowShare, share, highShare, period } = growth;
  const range = lowShare === highShare ? '' : ` (${percentText(lowShare)} to ${percentText(highShare)})`;
  return {
    value: { kind: 'growth', ratePerSecond: now.value, growth, noise: fitted?.noise ?? null },
    from: `${numberText(now.value)} requests/s now (${now.from}), ${percentText(share)} a ${period} more${range}`,
  };
}

function followForecast(name: string, forecast: ReadonlyMap<string, readonly RateRow[]>): Sourced<DemandForecast> {
  const rows = forecast.get(name) ?? [];
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) {
    throw inputMissing({
      missing: `the forecast has no row of ${name}`,
      next: `add rows of ${name} to the file, or leave it out`,
    });
  }
  // Before its first row the forecast says nothing: the first rate holds until then.
  const whole = first.day > 0 ? [{ ...first, day: 0 }, ...rows] : rows;
  return {
    value: { kind: 'rates', rows: whole },
    from: `${numberText(first.ratePerSecond)} to ${numberText(last.ratePerSecond)} requests/s (forecast, ${rows.length} rows)`,
  };
}

/** Days after the first day of the plan up to which a forecast says something: its last row lasts as long as the one before. */
export function daysOfForecast(forecast: ReadonlyMap<string, readonly RateRow[]>): number {
  const ends = [...forecast.values()].map((rows) => {
    const [before, last] = [rows.at(-2), rows.at(-1)];
    return last === undefined ? 0 : last.day + (before === undefined ? daysOfWeek : last.day - before.day);
  });
  return Math.min(...ends);
}

const daysOfWeek = 7;

/** Weekdays are added where the forecast does not hold them already, and neither does the peak. */
function chooseWeekday(
  { row: { name }, peakCoversWeek }: PlannedBase,
  demand: DemandForecast,
  fitted: FittedHistory | null,
): { readonly weekday: readonly number[] | null; readonly note: readonly string[] } {
  const none = (...note: readonly string[]) => ({ weekday: null, note });
  if (fitted === null) return none();
  const { weekday } = fitted;
  if (!weekday.used) return none(`${name}: weekdays are not used: ${weekday.reason}`);
  const isDaily =
    demand.kind === 'rates' &&
    demand.rows.some(({ day }, at) => day - (demand.rows[at - 1]?.day ?? -Infinity) < daysOfWeek);
  if (isDaily) return none(`${name}: weekdays are those of the forecast`);
  if (peakCoversWeek) return none(`${name}: weekdays are in the peak of scaling evidence, whose arrivals cover a week`);
  const most = Math.max(...weekday.factors);
  const day = dayNames[weekday.factors.indexOf(most)] ?? '';
  const error = Math.round(100 * (1 - weekday.errorShare));
  return {
    weekday: weekday.factors,
    note: [
      `${name}: ${day} has ${numberText(most)} times the mean; weekdays make the error on later days ${error}% smaller`,
    ],
  };
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function noiseNote(name: string, demand: DemandForecast): readonly string[] {
  if (demand.kind === 'rates') {
    const isPlain = demand.rows.every(({ quantiles }) => quantiles.length === 0);
    return isPlain ? [`${name}: the forecast has no quantiles, so that the interval does not hold its error`] : [];
  }
  return demand.noise === null
    ? [
        `${name}: no days are recorded (--history), so that the interval does not hold how demand moves beside its growth`,
      ]
    : [];
}

const takesNothing = (name: string): Missing => ({
  missing: `nothing says what a replica of ${name} takes of its node: it has no device, and neither CPU nor memory is written`,
  next: nextStep(proveSteps, 'plan-input-missing/explain'),
});

function inputMissing({ missing, next }: Missing): PlimsollError {
  return new PlimsollError({ code: 'plan-input-missing', category: 'unavailable', message: missing, next });
}

const numberText = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
const percentText = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;
const limitsText = ({ lower, estimate, upper }: Limits): string =>
  lower === upper ? numberText(estimate) : `${numberText(estimate)} (${numberText(lower)} to ${numberText(upper)})`;
