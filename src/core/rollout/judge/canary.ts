/**
 * What was seen of one release in one interval, over all gateways. A unit is what counts as one independent observation:
 * a request, or, where the contract writes `rollout.stickyBy`, one value of that key in one closed window of time.
 */
export interface ArmInterval {
  readonly units: number;
  /** Units with an error: a 5xx, a broken connection, a missed deadline. */
  readonly errors: number;
  /**
   * Units by latency: `latencyBinOf` (core/rollout/latency-bins.ts) to count, sparse. A unit of several requests stands by its
   * slowest one. Units without any answer are not in it.
   */
  readonly latency: Readonly<Record<number, number>>;
}

/** What was seen of one part of the clients in one interval; a part that was not seen is absent. */
export interface PartInterval {
  /** From 0 to `clientParts` - 1 (core/rollout/judge/client-parts.ts). */
  readonly part: number;
  readonly live: ArmInterval;
  readonly canary: ArmInterval;
}

/**
 * Pairs of requests of one client, one sent to each arm, of which exactly one was missed: its client's own shorter deadline
 * passed, or its client left while a replica had it. Of one part of the clients; one without such a pair is absent.
 */
export interface MissedPairs {
  readonly part: number;
  /** The one that was sent to the canary was missed, and the one that was sent to the live release was not. */
  readonly canaryOnly: number;
  readonly liveOnly: number;
}

/** Answers of the shadow beside the answers that clients got. */
export interface AgreementInterval {
  readonly compared: number;
  readonly agreed: number;
}

/** Labels that arrived in the interval, each joined with the release that had answered. */
export interface LabelInterval {
  readonly labelled: number;
  readonly right: number;
}

/** One second (or more, after an outage) of a step. Cold: the first requests of a fresh replica, set apart. */
export interface CanaryInterval {
  readonly atMs: number;
  readonly durationMs: number;
  readonly live: ArmInterval;
  readonly canary: ArmInterval;
  readonly cold: { readonly live: ArmInterval; readonly canary: ArmInterval };
  /** Of `live` and `canary`, what came from each part of the clients; absent where no gateway tells it. */
  readonly parts?: readonly PartInterval[];
  /** Absent where no gateway tells it. */
  readonly missedPairs?: readonly MissedPairs[];
  readonly agreement?: AgreementInterval;
  readonly labels?: { readonly live: LabelInterval; readonly canary: LabelInterval };
}

export const canaryMetrics = ['errors', 'latency', 'agreement', 'labels'] as const;
export type CanaryMetric = (typeof canaryMetrics)[number];

/** What the judge holds a step to; effective values, defaults filled in. */
export interface CanaryPolicy {
  /** Probability that a release which is no worse is rolled back, over all metrics, steps and moments together. */
  readonly alphaShare: number;
  /** Number of steps that are judged: the ones below 1. */
  readonly steps: number;
  /** Which metrics are judged; alpha is split over them. */
  readonly metrics: readonly CanaryMetric[];
  /** Difference in the share of errors that is still tolerated. */
  readonly errorMarginShare: number;
  /** The latency quantile that is compared, and how much longer it may be: 0.1 is a tenth. */
  readonly latency: { readonly quantile: number; readonly marginShare: number };
  /** Least agreement of the shadow's answers. */
  readonly agreementAtLeastShare: number;
  /** Difference in the share of right answers that is still tolerated, where labels arrive. */
  readonly labelMarginShare: number;
  /** A step lasts at least this long, whatever the counts say. */
  readonly minMs: number;
  /** Then the step is inconclusive. */
  readonly timeLimitMs: number;
}

/** JSON-safe and bounded in size; made and read by the judge alone (core/rollout/canary-judge.ts). */
export interface CanaryState {
  readonly canaryVersion: 1;
  readonly [field: string]: unknown;
}

/**
 * | outcome | meaning |
 * |---|---|
 * | promote | every metric is proven to be inside its margin |
 * | hold | not decided yet |
 * | roll-back | one metric is proven to be outside its margin |
 * | inconclusive | the time limit is over, and neither is proven |
 */
export type CanaryOutcome = 'promote' | 'hold' | 'roll-back' | 'inconclusive';

/** One metric at one moment, with all that a person needs to see why. Shares, and milliseconds for latency. */
export interface MetricJudgement {
  readonly metric: CanaryMetric;
  readonly outcome: CanaryOutcome;
  readonly live: number | null;
  readonly canary: number | null;
  /**
   * Estimate of canary less live (latency: of the relative change; agreement: share less 1), and its always-valid limits.
   * `high` is null where nothing bounds a latency upwards yet.
   */
  readonly difference: { readonly estimate: number; readonly low: number; readonly high: number | null } | null;
  readonly margin: number;
  /** Units behind it. */
  readonly units: { readonly live: number; readonly canary: number };
  readonly reason: string;
}

export interface CanaryJudgement {
  readonly outcome: CanaryOutcome;
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly metrics: readonly MetricJudgement[];
  /** Why the step is not taken although no metric speaks against it; absent where nothing holds it. It never rolls back. */
  readonly held?: string;
  /** Cold units set apart, and how they compare, for people; they decide nothing. */
  readonly coldUnits: { readonly live: number; readonly canary: number };
  readonly reasons: readonly string[];
}

/**
 * Who stopped the clock of a step (or asked for the next one), and why. While a pause stands nothing is promoted; a proven
 * regression still rolls back.
 */
export interface CanaryPause {
  readonly by: string;
  readonly atMs: number;
  readonly reason: string;
}

/**
 * The step that is under way, one record per (service, environment): with it a successor goes on in the same step where a
 * control plane was killed. Moved by compare-and-swap on `revision`.
 */
export interface CanaryRecord {
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly against: number;
  /** Index into the release's `steps`; `shadowStep` (-1) for the shadow before the first. */
  readonly step: number;
  readonly startedAtMs: number;
  /** Time for which the step stood paused, so that its limit does not run meanwhile. */
  readonly pausedMs: number;
  readonly pause: CanaryPause | null;
  /** Somebody asked for the next step without a proof: taken at the next turn in which enough replicas are admitted. */
  readonly promote: CanaryPause | null;
  /** When the step was last looked at: a gap, in which no control plane ran, is no time of the step. */
  readonly lookedAtMs: number;
  /** Gateway process (`id@startedAtMs`) to the last sequence of its counts that is in `state`: each is in it once. */
  readonly taken: Readonly<Record<string, number>>;
  readonly policy: CanaryPolicy;
  readonly state: CanaryState;
  readonly judgement: CanaryJudgement | null;
  readonly revision: number;
}

/** A point of the judge's evidence over time, for the page: kept for each release. */
export interface CanarySample {
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly step: number;
  readonly judgement: CanaryJudgement;
}

/** How many of them a store gives back of one release: the newest. */
export const canarySamplesAtMost = 2_000;
