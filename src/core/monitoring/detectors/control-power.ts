import { normalQuantile } from '../../statistics/distributions/normal.ts';
import type { FalseAlarmRate } from '../alarms/alarm-budget.ts';
import { stakesOfNumber } from './concurrent-control.ts';
import { errorsOfOne } from './running-scale.ts';
import { bothStakes, cut } from './stakes.ts';

export interface PowerQuestion {
  /** By how many standard deviations of the forecast's error the mean of one arm moves. */
  readonly shift: number;
  readonly arms: number;
  /** Rows of the random share, per hour. */
  readonly rowsPerHour: number;
  readonly rate: FalseAlarmRate;
  /** The weight of one arm of the feature: its term's weight. */
  readonly weight: number;
}

export interface Delay {
  readonly rows: number;
  readonly ms: number;
}

/** A normal variable as this many equally likely values. */
const points = 400;
const normals: readonly number[] = Array.from({ length: points }, (_, index) => normalQuantile((index + 0.5) / points));
/** The mean absolute value of a standard normal variable, in the unit of a score. */
const usualError = Math.sqrt(2 / Math.PI) * errorsOfOne;

/**
 * The delay until randomised concurrent control notices that the mean of a numeric feature moved on one arm; null where
 * it never will: no shift, one arm, or no rows.
 *
 * The capital of a stake s grows by g = E log(1 + s z) a row. Capital c comes in with each row, so that after n rows the
 * sum is about c exp(g n) / (1 - exp(-g)); n is where the sum reaches 1, for the best stake. The errors are taken as
 * normal and independent, the draw as uniform.
 */
export function delayOfShift({ shift, arms, rowsPerHour, rate, weight }: PowerQuestion): Delay | null {
  if (!(rowsPerHour > 0) || arms < 2) return null;
  const msPerRow = 3_600_000 / rowsPerHour;
  const perRow = ((msPerRow * rate.count) / rate.perMs) * (weight / stakesOfNumber);
  const rows = bothStakes.reduce(
    (least, stake) => Math.min(least, rowsUntilOne(growthOf(stake, shift, arms), perRow)),
    Infinity,
  );
  return Number.isFinite(rows) ? { rows: Math.ceil(rows), ms: Math.ceil(rows) * msPerRow } : null;
}

function rowsUntilOne(growth: number, perRow: number): number {
  if (!(growth > 1e-12) || !(perRow > 0)) return Infinity;
  return Math.max(1, Math.log(-Math.expm1(-growth) / perRow) / growth);
}

/** The mean of log(1 + stake x payoff) where one of the arms is off by `shift`, and the forecast knows the common mean. */
function growthOf(stake: number, shift: number, arms: number): number {
  const p = 1 / arms;
  const most = Math.max(p, 1 - p);
  const growth = (side: number, off: number): number =>
    normals.reduce((total, error) => total + Math.log1p(stake * (side / most) * cut((error + off) / usualError)), 0) /
    points;
  return p * growth(1 - p, shift * (1 - p)) + (1 - p) * growth(-p, -shift * p);
}
