import { quantumMsOf } from './grid.ts';
import { relaxedCost, type RelaxedCost, type RelaxedProblem } from './relaxed-problem.ts';

const sweepsAtMost = 16;
/** It ends when no price can raise the bound by more than this share. */
const toleranceShare = 0.001;

/**
 * The best bound that a price of late requests gives: for every price p >= 0, `relaxedCost(p) - p * lateAtMost` is at most the
 * cost with `lateAtMost` late requests (they pay at most `p * lateAtMost`), and it is concave in p. Each sweep gives a value and
 * a slope; the next price is where the lines of the two sides meet (Kelley 1960, in one dimension). Whichever price it ends
 * at, the bound is valid. Milliseconds; Infinity where more are late than may be, whatever is paid.
 */
export function priceLateness(problem: RelaxedProblem, lateAtMost: number): number {
  if (lateAtMost === 0) return relaxedCost(problem, Infinity).costMs;
  const at = (latePriceMs: number): Line => line(relaxedCost(problem, latePriceMs), latePriceMs, lateAtMost);
  let low = at(0);
  let high = priceThatBinds(at, problem);
  if (high.valueMs > dearestMs(problem)) return Infinity;
  let best = low.valueMs > high.valueMs ? low : high;
  for (let sweep = 0; sweep < sweepsAtMost && low.slope > 0 && high.slope < 0; sweep += 1) {
    const meeting = meet(low, high);
    if (meeting.valueMs <= best.valueMs + toleranceShare * Math.abs(best.valueMs)) break;
    const next = at(meeting.latePriceMs);
    if (next.valueMs > best.valueMs) best = next;
    if (next.slope > 0) low = next;
    else high = next;
  }
  return best.valueMs;
}

interface Line {
  readonly latePriceMs: number;
  readonly valueMs: number;
  readonly slope: number;
}

function line({ costMs, late }: RelaxedCost, latePriceMs: number, lateAtMost: number): Line {
  return { latePriceMs, valueMs: costMs - latePriceMs * lateAtMost, slope: late - lateAtMost };
}

/** From the charge of one start on, the first price at which few enough are late. */
function priceThatBinds(at: (latePriceMs: number) => Line, problem: RelaxedProblem): Line {
  // One by one: a long time has more cells than a call may have arguments.
  const firstMs = problem.startChargesMs.reduce(
    (most, chargeMs) => (Number.isFinite(chargeMs) ? Math.max(most, chargeMs) : most),
    problem.grid.cellMs,
  );
  let high = at(firstMs);
  for (let times = 0; times < 12 && high.slope > 0; times += 1) high = at(high.latePriceMs * 8);
  return high;
}

function meet(low: Line, high: Line): { readonly latePriceMs: number; readonly valueMs: number } {
  const apart = low.valueMs - high.valueMs - low.slope * low.latePriceMs + high.slope * high.latePriceMs;
  const latePriceMs = apart / (high.slope - low.slope);
  return { latePriceMs, valueMs: low.valueMs + low.slope * (latePriceMs - low.latePriceMs) };
}

/**
 * More than any choice of the relaxed problem costs without its late requests. A bound above it says that the fewest late
 * requests, at the price that it was found at, cost more than those that may be late: there are too many.
 */
function dearestMs({ grid, mostLevel, disposal, startChargesMs }: RelaxedProblem): number {
  const chargesMs = startChargesMs.reduce((sum, chargeMs) => sum + (Number.isFinite(chargeMs) ? chargeMs : 0), 0);
  const boughtMs = (disposal.most[grid.cells] as number) * quantumMsOf(grid);
  return mostLevel * (grid.cells * grid.cellMs + chargesMs) + boughtMs;
}
