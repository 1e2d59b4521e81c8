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
}

/** What a calibration plot draws. */
export function calibrationBins(outcomes: ScoredOutcomes): readonly CalibrationBin[] {
  const { bins, confidences, gaps } = binned(outcomes);
  return Array.from({ length: calibrationBinCount }, (_, bin) => {
    const rows = [...bins.keys()].filter((row) => bins[row] === bin);
    const sum = (of: Float64Array): number => rows.reduce((total, row) => total + (of[row] as number), 0);
    const mean = rows.length === 0 ? null : sum(confidences) / rows.length;
    return {
      fromShare: bin / calibrationBinCount,
      toShare: (bin + 1) / calibrationBinCount,
      rows: rows.length,
      meanConfidence: mean,
      accuracy: mean === null ? null : mean + sum(gaps) / rows.length,
    };
  });
}

/** Expected calibration error: the gap of each bin between right answers and probabilities, weighted by its rows. */
export function calibrationError(outcomes: ScoredOutcomes): BoundMetric {
  const { bins, gaps } = binned(outcomes);
  const sums = new Float64Array(calibrationBinCount);
  return {
    rows: bins.length,
    folded: true,
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
