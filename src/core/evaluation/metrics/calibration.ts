import { clopperPearson } from '../../statistics/distributions/binomial.ts';
import type { BoundMetric } from './bound-metric.ts';
import type { ScoredOutcomes } from './score-metrics.ts';

export const calibrationBinCount = 15;

/** Rows whose answered class has a probability in (fromShare, toShare]; zero is in the first bin. */
export interface CalibrationBin {
  readonly fromShare: number;
  readonly toShare: number;
  readonly rows: number;
  /** Mean probability of the answered class, and share of right answers; null for a bin without rows. */
  readonly meanConfidence: number | null;
  readonly accuracy: number | null;
  /** One-sided 95% limits of that share (Clopper-Pearson); 0 and 1 for a bin without rows. */
  readonly accuracyLower: number;
  readonly accuracyUpper: number;
}

const shownConfidenceShare = 0.95;

/** What a calibration plot draws. */
export function calibrationBins(outcomes: ScoredOutcomes): readonly CalibrationBin[] {
  const { bins, confidences, gaps } = binned(outcomes);
  const rows = new Float64Array(calibrationBinCount);
  const confidence = new Float64Array(calibrationBinCount);
  const right = new Float64Array(calibrationBinCount);
  bins.forEach((bin, row) => {
    (rows[bin] as number) += 1;
    (confidence[bin] as number) += confidences[row] as number;
    (right[bin] as number) += Math.round((gaps[row] as number) + (confidences[row] as number));
  });
  return Array.from(rows, (count, bin) => {
    const hits = right[bin] as number;
    const limits = count === 0 ? { lower: 0, upper: 1 } : clopperPearson(hits, count, shownConfidenceShare);
    return {
      fromShare: bin / calibrationBinCount,
      toShare: (bin + 1) / calibrationBinCount,
      rows: count,
      meanConfidence: count === 0 ? null : (confidence[bin] as number) / count,
      accuracy: count === 0 ? null : hits / count,
      accuracyLower: limits.lower,
      accuracyUpper: limits.upper,
    };
  });
}

/** Expected calibration error: the gap of each bin between right answers and probabilities, weighted by its rows. */
export function calibrationError(outcomes: ScoredOutcomes): BoundMetric {
  const { bins, gaps } = binned(outcomes);
  const sums = new Float64Array(calibrationBinCount);
  return {
    rows: bins.length,
    folded: { mostBias: mostBiasOf(bins, gaps) },
    at(weights) {
      sums.fill(0);
      let total = 0;
      for (let row = 0; row < bins.length; row += 1) {
        const weight = weights[row] as number;
        (sums[bins[row] as number] as number) += weight * (gaps[row] as number);
        total += weight;
      }
      return total === 0 ? NaN : sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
    },
  };
}

/**
 * E|N(m, s)| - |m| is greatest at m = 0, where it is s sqrt(2 / pi): summed over the bins, with s the standard error of the
 * gap that a bin adds.
 */
function mostBiasOf(bins: Uint8Array, gaps: Float64Array): number {
  const sums = new Float64Array(calibrationBinCount);
  const squares = new Float64Array(calibrationBinCount);
  gaps.forEach((gap, row) => {
    (sums[bins[row] as number] as number) += gap;
    (squares[bins[row] as number] as number) += gap * gap;
  });
  const errors = squares.map((square, bin) =>
    Math.sqrt(Math.max(square - (sums[bin] as number) ** 2 / gaps.length, 0)),
  );
  return (Math.sqrt(2 / Math.PI) * errors.reduce((sum, error) => sum + error, 0)) / gaps.length;
}

function binned({ classes, labels, predicted, scores }: ScoredOutcomes) {
  const confidences = Float64Array.from(predicted, (answer, row) =>
    answer < 0 ? 0 : (scores[row * classes.length + answer] as number),
  );
  // ceil - 1 puts a probability on a border into the lower bin, as the bins are open below.
  const bins = Uint8Array.from(confidences, (confidence) =>
    Math.min(Math.max(Math.ceil(confidence * calibrationBinCount) - 1, 0), calibrationBinCount - 1),
  );
  const gaps = Float64Array.from(
    labels,
    (label, row) => (predicted[row] === label ? 1 : 0) - (confidences[row] as number),
  );
  return { bins, confidences, gaps };
}
