/** What others do, to compare with. Each says whether it would call the canary worse now. */

/** One-sided pooled z-test of two shares at 5%, from 5 hits and 100 units of the canary on. */
export function zTestWorse(liveUnits: number, liveHits: number, canaryUnits: number, canaryHits: number): boolean {
  const units = liveUnits + canaryUnits;
  const pooled = (liveHits + canaryHits) / units;
  if (liveHits + canaryHits < 5 || canaryUnits < 100 || liveUnits < 100 || pooled >= 1) return false;
  const difference = canaryHits / canaryUnits - liveHits / liveUnits;
  if (difference <= 0) return false;
  return difference ** 2 > 1.6448536 ** 2 * pooled * (1 - pooled) * (1 / liveUnits + 1 / canaryUnits);
}

const z99 = 2.3263478740408408;

/**
 * Kayenta's Mann-Whitney classifier as its judge sets it: confidence 0.98, tolerance 0.25, direction "increase". High when
 * the lower confidence limit of the shift is above 0.25 of the Hodges-Lehmann estimate; the limit is R's asymptotic one
 * with continuity and tie correction (kayenta-mannwhitney/MannWhitney.scala, kayenta-judge/MannWhitneyClassifier.scala,
 * read in November 2026). Values are scaled so that its root finder's absolute 1e-4 is fine enough.
 */
export function kayentaHigh(canary: Float64Array, live: Float64Array): boolean {
  const x = canary.slice().sort();
  const y = live.slice().sort();
  let low = (x[0] ?? 0) - (y.at(-1) ?? 0);
  let high = (x.at(-1) ?? 0) - (y[0] ?? 0);
  if (low === high || (x[0] === x.at(-1) && y[0] === y.at(-1))) return false;
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (standardised(x, y, middle) > 0) low = middle;
    else high = middle;
  }
  const bound = 0.25 * Math.abs((low + high) / 2);
  // The limit is where the statistic falls to z; it lies above `bound` when the statistic there is still larger.
  return standardised(x, y, bound) > z99;
}

function standardised(x: Float64Array, y: Float64Array, shift: number): number {
  let i = 0;
  let j = 0;
  let above = 0;
  let ties = 0;
  while (i < x.length || j < y.length) {
    const value = Math.min(i < x.length ? (x[i] ?? 0) - shift : Infinity, j < y.length ? (y[j] ?? 0) : Infinity);
    let fromX = 0;
    let fromY = 0;
    for (; i < x.length && (x[i] ?? 0) - shift === value; i += 1) fromX += 1;
    for (; j < y.length && y[j] === value; j += 1) fromY += 1;
    above += fromX * (j - fromY) + 0.5 * fromX * fromY;
    ties += (fromX + fromY) ** 3 - (fromX + fromY);
  }
  const both = x.length + y.length;
  const centred = above - (x.length * y.length) / 2;
  const sigma = Math.sqrt(((x.length * y.length) / 12) * (both + 1 - ties / (both * (both - 1))));
  return sigma === 0 ? 0 : (centred - Math.sign(centred) * 0.5) / sigma;
}
