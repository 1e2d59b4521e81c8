import { normalCdf, normalDensity } from '../../../statistics/distributions/normal.ts';

const highest = 8;
const perUnit = 32;

/** Halfin and Whitt (1981): chance of waiting at all in M/M/c, for beta = (1 - use) sqrt(c) from 0 on. */
const waitingChances = Float64Array.from({ length: highest * perUnit + 1 }, (_, index) => {
  const beta = index / perUnit;
  return beta === 0 ? 1 : 1 / (1 + (beta * normalCdf(beta)) / normalDensity(beta));
});

/**
 * Chance that a request waits longer than `waitMs` where `slots` slots meet `offered` Erlangs, each request taking
 * `workMs`: the chance of waiting at all by Halfin and Whitt, then exponential (M/M/c). 1 without room.
 *
 * The limit theorem is for many slots; with (1 - use) sqrt(c) in place of the equivalent (c - a) / sqrt(a) it is at most 0.03 below
 * the exact chance for any number of slots, and errs by more only to the careful side: 0.19 for one slot, 0.07 for four.
 *
 * `variability` is half the sum of the squared coefficients of variation of arrivals and services (Allen 1990, after Kingman 1961): 1
 * for M/M/c, 0.5 for arrivals like a metronome.
 *
 * Worked: 12 slots, 8 Erlangs: beta = 1.155, chance of waiting 0.168 (Erlang C: 0.140); beyond one `workMs` 0.168 e^-4 = 0.0031.
 */
export function lateShare(slots: number, offered: number, waitMs: number, workMs: number, variability = 1): number {
  if (offered <= 0) return slots > 0 ? 0 : 1;
  const room = slots - offered;
  if (room <= 0) return 1;
  const beta = room / Math.sqrt(slots);
  const at = Math.min(highest * perUnit, beta * perUnit);
  const low = Math.floor(at);
  const [below = 0, above = below] = [waitingChances[low], waitingChances[low + 1]];
  return (below + (above - below) * (at - low)) * Math.exp((-room * waitMs) / (workMs * variability));
}
