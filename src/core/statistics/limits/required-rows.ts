import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import { scoreVariance } from '../comparison/paired-score.ts';

export const defaultPowerShare = 0.8;

/**
 * Rows at which a paired test shows a difference above `-margin` with the given power: ((z_c s0 + z_p s1) / (d + margin))^2,
 * with the variance of one row under the hypothesis (s0, Tango's) and as observed (s1). Null where the difference is not
 * above. Two versions that are equally good and disagree on 2% of rows need some 5,000 at a margin of 0.5%.
 */
export function rowsForPaired(
  rates: PairedRates,
  margin: number,
  confidenceShare: number,
  powerShare = defaultPowerShare,
) {
  const { firstShare, secondShare } = rates;
  const difference = firstShare - secondShare;
  const distance = difference + margin;
  if (distance <= 0) return null;
  const underHypothesis = scoreVariance({ onlyFirst: firstShare, onlySecond: secondShare, rows: 1 }, -margin);
  const asObserved = Math.max(firstShare + secondShare - difference ** 2, 0);
  return rowsOfDeviations(Math.sqrt(underHypothesis), Math.sqrt(asObserved), distance, confidenceShare, powerShare);
}

/** Shares of all rows that only one of the two gets right. */
export interface PairedRates {
  readonly firstShare: number;
  readonly secondShare: number;
}

/** Rows at which a share is shown to be on its side of a limit. Null where it is on the limit. */
export function rowsForShare(share: number, limit: number, confidenceShare: number, powerShare = defaultPowerShare) {
  if (share === limit) return null;
  const [s0, s1] = [Math.sqrt(limit * (1 - limit)), Math.sqrt(share * (1 - share))];
  const rows = rowsOfDeviations(s0, s1, Math.abs(share - limit), confidenceShare, powerShare);
  // Clopper-Pearson reaches half a row further out than the normal approximation (Fleiss, Levin and Paik 2003, 2.8).
  return Math.ceil((rows / 4) * (1 + Math.sqrt(1 + 2 / (rows * Math.abs(share - limit)))) ** 2);
}

/** Rows at which an estimate whose standard error shrinks with their square root is shown to be `distance` away. */
export function rowsForStandardError(
  rows: number,
  standardError: number,
  distance: number,
  confidenceShare: number,
  powerShare = defaultPowerShare,
): number | null {
  if (distance === 0) return null;
  const deviation = standardError * Math.sqrt(rows);
  return rowsOfDeviations(deviation, deviation, Math.abs(distance), confidenceShare, powerShare);
}

function rowsOfDeviations(
  s0: number,
  s1: number,
  distance: number,
  confidenceShare: number,
  powerShare: number,
): number {
  return Math.ceil(((normalQuantile(confidenceShare) * s0 + normalQuantile(powerShare) * s1) / distance) ** 2);
}

/** Probability that so many rows show it. */
export function powerOfPaired(rates: PairedRates, rows: number, margin: number, confidenceShare: number): number {
  const difference = rates.firstShare - rates.secondShare;
  const underHypothesis = scoreVariance(
    { onlyFirst: rates.firstShare, onlySecond: rates.secondShare, rows: 1 },
    -margin,
  );
  const asObserved = Math.sqrt(rates.firstShare + rates.secondShare - difference ** 2);
  const reach = (difference + margin) * Math.sqrt(rows) - normalQuantile(confidenceShare) * Math.sqrt(underHypothesis);
  return asObserved === 0 ? Number(reach >= 0) : normalCdf(reach / asObserved);
}
