import type { Draft } from './draft.ts';
import { cut } from './stakes.ts';

/**
 * What is normal for a number that arrives row by row: a forecast of first order and the size of its error. Six numbers,
 * however many rows. Nothing here has to be right for a fair bet; it only makes bets find changes sooner.
 */
export interface RunningScale {
  readonly rows: number;
  readonly mean: number;
  readonly variance: number;
  /** Mean product of neighbouring deviations. */
  readonly covariance: number;
  readonly last: number;
  /** Mean absolute error of the forecast. */
  readonly error: number;
}

export interface NumericScore {
  /** Where the value lies against the forecast, in [-1, 1]; 1 is three standard deviations of a normal error. */
  readonly level: number;
  /** How far the value lies from the forecast, against the usual distance, in [-1, 1]. */
  readonly spread: number;
}

/** Rows before the first bet. */
export const warmUpRows = 20;
/** The memory: a row loses half of its influence after about 700 further rows. */
const slowestRate = 1 / 1024;
/** One value moves the learned scale by at most this many usual errors. */
const mostErrors = 6;
/** Three standard deviations of a normal variable in mean absolute errors: 3 x sqrt(pi / 2). */
export const errorsOfOne = 3.76;
const largest = 1e100;

export const emptyScale: RunningScale = { rows: 0, mean: 0, variance: 0, covariance: 0, last: 0, error: 0 };

/** The score of a value by what was learned from the rows before; 0 until there are enough rows. */
export function scoreNumber(scale: RunningScale, value: number): NumericScore {
  const score = { level: 0, spread: 0 };
  writeScore(score, scale, value);
  return score;
}

/** The same, written into `to`, which holds zeros. */
export function writeScore(to: Draft<NumericScore>, scale: RunningScale, value: number): void {
  if (scale.rows < warmUpRows) return;
  const off = bound(value) - forecastNext(scale);
  if (scale.error === 0) {
    to.level = Math.sign(off);
    to.spread = off === 0 ? 0 : 1;
    return;
  }
  to.level = cut(off / scale.error / errorsOfOne);
  to.spread = cut((Math.abs(off) / scale.error - 1) / errorsOfOne);
}

/** The scale after one more value. Finite for every finite value. */
export function learnNumber(scale: RunningScale, value: number): RunningScale {
  const next = { ...scale };
  addNumber(next, value);
  return next;
}

/** The same, in place. */
export function addNumber(to: Draft<RunningScale>, value: number): void {
  const { rows, error, mean } = to;
  const rate = Math.max(slowestRate, 1 / (rows + 1));
  const forecast = forecastNext(to);
  const off = bound(value) - forecast;
  const most = rows < warmUpRows || error === 0 ? Infinity : mostErrors * error;
  const used = forecast + Math.min(most, Math.max(-most, off));
  const deviation = used - mean;
  const deviationBefore = rows === 0 ? 0 : to.last - mean;
  to.rows = rows + 1;
  to.mean = mean + rate * deviation;
  to.variance += rate * (deviation * deviation - to.variance);
  to.covariance += rate * (deviation * deviationBefore - to.covariance);
  to.last = used;
  to.error = error + rate * (Math.abs(used - forecast) - error);
}

function forecastNext({ mean, variance, covariance, last, rows }: RunningScale): number {
  const correlation = rows < warmUpRows || variance <= 0 ? 0 : Math.min(0.99, Math.max(-0.99, covariance / variance));
  return mean + correlation * (last - mean);
}

const bound = (value: number): number => Math.min(largest, Math.max(-largest, value));
