import { normalQuantile } from '../../src/core/statistics/distributions/normal.ts';
import { exactPairedPValue } from '../../src/core/statistics/comparison/paired-exact.ts';
import { tangoScore, waldPasses, type Discordance } from '../../src/core/statistics/comparison/paired-score.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';

/** Two versions on the same rows; `difference` is candidate less baseline, in truth. */
export interface PairedCell {
  readonly kind: 'paired';
  readonly rows: number;
  /** Share of rows on which one is right and the other wrong. */
  readonly discordance: number;
  readonly difference: number;
  readonly margin: number;
  readonly simulations: number;
  readonly seed: number;
}
/** Passes by method: how often each let the candidate through. */
export interface PairedCounts {
  readonly exact: number;
  readonly tango: number;
  readonly wald: number;
  readonly mcnemar: number;
}

const confidence = 0.95;
const z = normalQuantile(confidence);

export function simulatePaired(cell: PairedCell): PairedCounts {
  const random = seededRandom(cell.seed);
  const draw = binomialDrawer(cell.rows, cell.discordance);
  const ofFirst = (1 + cell.difference / cell.discordance) / 2;
  const critical = new Map<number, number>();
  const passes = { exact: 0, tango: 0, wald: 0, mcnemar: 0 };
  for (let run = 0; run < cell.simulations; run += 1) {
    const discordant = draw(random);
    let onlyFirst = 0;
    for (let row = 0; row < discordant; row += 1) if (random.nextShare() < ofFirst) onlyFirst += 1;
    const counts = { onlyFirst, onlySecond: discordant - onlyFirst, rows: cell.rows };
    const least = critical.get(discordant) ?? leastPassing(discordant, cell);
    critical.set(discordant, least);
    if (onlyFirst >= least) passes.exact += 1;
    if (tangoScore(counts, -cell.margin) >= z) passes.tango += 1;
    if (waldPasses(counts, cell.margin, z)) passes.wald += 1;
    // As it is used for a gate: no significant difference is taken for no difference.
    if (tangoScore(counts, 0) > -z) passes.mcnemar += 1;
  }
  return passes;
}

/**
 * Least count for the candidate that the exact test passes. With the number of discordant rows fixed the interval of the
 * nuisance is fixed too, and the p-value falls as the count rises; so the search begins where the score passes.
 */
function leastPassing(discordant: number, { rows, margin }: PairedCell): number {
  const table = (onlyFirst: number): Discordance => ({ onlyFirst, onlySecond: discordant - onlyFirst, rows });
  const passes = (onlyFirst: number): boolean => exactPairedPValue(table(onlyFirst), -margin) <= 1 - confidence;
  let count = 0;
  let above = discordant + 1;
  while (count < above) {
    const middle = (count + above) >> 1;
    if (tangoScore(table(middle), -margin) >= z) above = middle;
    else count = middle + 1;
  }
  while (count <= discordant && !passes(count)) count += 1;
  while (count > 0 && passes(count - 1)) count -= 1;
  return count;
}

/** By inversion of the cumulated masses, which a table holds. */
function binomialDrawer(trials: number, share: number): (random: Random) => number {
  const cumulated = new Float64Array(trials + 1);
  let lnMass = trials * Math.log1p(-share);
  let sum = 0;
  for (let count = 0; count <= trials; count += 1) {
    sum += Math.exp(lnMass);
    cumulated[count] = sum;
    lnMass += Math.log((trials - count) / (count + 1)) + Math.log(share / (1 - share));
  }
  return (random) => {
    const drawn = random.nextShare();
    let [low, high] = [0, trials];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] as number) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
