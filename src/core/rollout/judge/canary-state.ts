import type { CanaryPolicy, CanaryState, MissedPairs } from './canary.ts';
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
  /** Absent before gateways told parts of the clients. */
  readonly parts?: PartsState;
  /** By part of the clients; absent before gateways told it. */
  readonly missedPairs?: readonly PairCounts[];
}

export type PairCounts = Omit<MissedPairs, 'part'>;

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

/** The evidence that is left without one part of the clients. */
interface WithoutPart {
  readonly errors: SharesState | null;
  readonly latency: LatencyState | null;
}

/**
 * No single client decides a verdict: it has to hold without each part of the clients too ("delete a group" of the jackknife, Quenouille
 * 1949). Whoever sends failing requests to a good release, or good ones to a bad release, is in one part, and the evidence without that
 * part is as if that client did not exist.
 *
 * Each of the processes is a test supermartingale like the one of all clients. To ask for all of them at once errs less, and never more.
 */
export interface PartsState {
  /** Units of each part so far, both arms. */
  readonly units: readonly number[];
  /** Of all clients since parts were told. */
  readonly allUnits: number;
  readonly without: readonly WithoutPart[];
}
