import { relaxedCost, type RelaxedCost, type RelaxedProblem } from './relaxed-problem.ts';

/** A valid bound and the price that it was found at. */
export interface PricedLateness {
  /** Infinity: not even the relaxed problem answers every request in time, and none may be late. */
  readonly costMs: number;
  readonly latePriceMs: number;
}

const sweepsAtMost = 16;
/** It ends when no price can raise the bound by more than this share. */
const toleranceShare = 0.001;

/**
 * The best bound that a price of late requests gives: for every price p >= 0, `relaxedCost(p) - p * lateAtMost` is at most the
 * cost with `lateAtMost` late requests (they pay at most `p * lateAtMost`), and it is concave in p. Each sweep gives a value and
 * a slope; the next price is where the lines of the two sides meet (Kelley 1960, in one dimension). Whichever price it ends
 * at, the bound is valid.
 */
export function priceLateness(problem: RelaxedProblem, lateAtMost: number): PricedLateness {
  if (lateAtMost === 0) return { costMs: relaxedCost(problem, Infinity).costMs, latePriceMs: Infinity };
  const at = (latePriceMs: number): Line => line(relaxedCost(problem, latePriceMs), latePriceMs, lateAtMost);
  let low = at(0);
  let high = priceThatBinds(at, problem);
  let best = low.valueMs > high.valueMs ? low : high;
  for (let sweep = 0; sweep < sweepsAtMost && low.slope > 0 && high.slope < 0; sweep += 1) {
    const meeting = meet(low, high);
    if (meeting.valueMs <= best.valueMs + toleranceShare * Math.abs(best.valueMs)) break;
    const next = at(meeting.latePriceMs);
    if (next.valueMs > best.valueMs) best = next;
    if (next.slope > 0) low = next;
    else high = next;
  }
  return { costMs: best.valueMs, latePriceMs: best.latePriceMs };
}

interface Line {
  readonly latePriceMs: number;
  readonly valueMs: number;
  readonly slope: number;
}

function line({ costMs, dropped }: RelaxedCost, latePriceMs: number, lateAtMost: number): Line {
  return { latePriceMs, valueMs: costMs - latePriceMs * lateAtMost, slope: dropped - lateAtMost };
}

/** From the charge of one start on, the first price at which few enough are late. */
function priceThatBinds(at: (latePriceMs: number) => Line, problem: RelaxedProblem): Line {
  const firstMs = Math.max(...[...problem.startChargesMs].filter(Number.isFinite), problem.grid.cellMs);
  let high = at(firstMs);
  for (let times = 0; times < 12 && high.slope > 0; times += 1) high = at(high.latePriceMs * 8);
  return high;
}

function meet(low: Line, high: Line): { readonly latePriceMs: number; readonly valueMs: number } {
  const apart = low.valueMs - high.valueMs - low.slope * low.latePriceMs + high.slope * high.latePriceMs;
  const latePriceMs = apart / (high.slope - low.slope);
  return { latePriceMs, valueMs: low.valueMs + low.slope * (latePriceMs - low.latePriceMs) };
}
