import type { CanaryPolicy, CanaryState } from './canary.ts';
import type { LatencyState } from './canary-latency.ts';
import type { SharesState } from './canary-shares.ts';

/** What a `CanaryState` holds: one process for each metric that is asked for. */
export interface KnownCanaryState extends CanaryState {
  readonly settings: CanarySettled;
  readonly errors: SharesState | null;
  readonly latency: LatencyState | null;
  readonly agreement: AgreementState | null;
  readonly labels: SharesState | null;
  readonly units: ArmUnits;
  readonly cold: ArmUnits;
}

/** What the state was begun with: bets are placed on these margins, so that another margin needs a new state. */
export type CanarySettled = Pick<
  CanaryPolicy,
  'metrics' | 'errorMarginShare' | 'latency' | 'agreementAtLeastShare' | 'labelMarginShare'
>;

export interface AgreementState {
  readonly atLeastShare: number;
  readonly compared: number;
  readonly agreed: number;
  readonly worsePeak: number;
}

export interface ArmUnits {
  readonly live: number;
  readonly canary: number;
}
