import type { RoutingCapture } from '../../core/rollout/routing/routing.ts';

/** Why a request is captured. */
export interface CaptureChoice {
  readonly sampled: boolean;
  /** Of the random share: it is sent to a replica that is drawn. */
  readonly control: boolean;
}

const both: CaptureChoice = { sampled: true, control: true };
const control: CaptureChoice = { sampled: false, control: true };
const sampled: CaptureChoice = { sampled: true, control: false };

/**
 * Chooses two independent shares by one random number, so that a request of neither costs one comparison.
 * With c the random share and s the sample:
 *
 * | random number | choice | probability |
 * |---|---|---|
 * | below cs | both | cs |
 * | to c | random share | c(1 - s) |
 * | to c + (1 - c)s | sample | (1 - c)s |
 * | above | none (null) | (1 - c)(1 - s) |
 */
export function makeCaptureChoice({
  sampleShare,
  controlShare,
}: Pick<RoutingCapture, 'sampleShare' | 'controlShare'>): (random: number) => CaptureChoice | null {
  const bothBelow = controlShare * sampleShare;
  const chosenBelow = controlShare + (1 - controlShare) * sampleShare;
  return (random) => {
    if (random >= chosenBelow) return null;
    if (random < bothBelow) return both;
    return random < controlShare ? control : sampled;
  };
}
