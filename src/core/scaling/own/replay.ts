import type { ReplicaPower } from '../../capacity/replica-power.ts';
import { lateShare } from './late-share.ts';
import { holdDown, sizeFor, sizeForBacklog, withoutGivingUp, type Hold, type SizeSettings } from './size-rule.ts';

const loadMs = 30_000;

/** What was seen lately, and the replicas that would have met it. */
export interface ReplayedWorld {
  readonly bucketMs: number;
  /** Requests of each bucket, the rate that was expected at its end, and the mean rate (requests a second). */
  readonly arrivals: readonly number[];
  readonly expected: readonly number[];
  readonly meanPerSecond: number;
  /** As `lateShare` takes it. */
  readonly variability: number;
  readonly power: ReplicaPower;
  /** From an order until it serves, milliseconds. */
  readonly startMs: number;
  /** What a request may wait and still be in time, milliseconds. */
  readonly waitMs: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

export interface ReplayScore {
  readonly arrivals: number;
  /** Requests that would have been late behind a backlog, expected. */
  readonly late: number;
  /** Those that would have been late by the chance of the queue alone, as `lateShare` has it; it errs to the careful side. */
  readonly unlucky: number;
  /** Held, loading included. */
  readonly replicaSeconds: number;
}

/**
 * What settings would have cost: the rule of `size-rule.ts` run over the buckets, requests as a fluid that flows through the
 * replicas that are ready. A request is late where the backlog before it takes longer than it may wait; where there is none,
 * with the chance that `lateShare` gives for the load of the last buckets.
 */
export function replaySettings(world: ReplayedWorld, settings: SizeSettings): ReplayScore {
  const { arrivals, expected, meanPerSecond, variability, bucketMs, power, startMs, waitMs, minReplicas, maxReplicas } =
    world;
  const seconds = bucketMs / 1_000;
  const holdMs = settings.holdStarts * startMs;
  const floor = settings.floorShare * peakSize(expected, settings.safety, power);
  const startBuckets = Math.max(1, Math.ceil(startMs / bucketMs));
  const landing = new Float64Array(startBuckets);
  // Shorter than that and the noise of the arrivals, which `lateShare` counts by itself, would be counted twice.
  const smoothing = 1 - Math.exp(-bucketMs / loadMs);
  // What was there before the history began is not the settings' doing: they begin with what they would have had.
  const begun = sizeFor(followed(expected[0] ?? 0, meanPerSecond, settings.follow, false), settings.safety, power);
  let hold: Hold = { replicas: Math.min(maxReplicas, Math.max(minReplicas, floor, begun)), below: null };
  let ready = Math.ceil(hold.replicas - 1e-9);
  let [loading, backlog, recent, late, unlucky, total, held] = [0, 0, meanPerSecond, 0, 0, 0, 0];
  for (let at = 0; at < arrivals.length; at += 1) {
    const slot = at % startBuckets;
    const landed = landing[slot] ?? 0;
    landing[slot] = 0;
    ready += landed;
    loading -= landed;
    const arrived = arrivals[at] ?? 0;
    recent += smoothing * (arrived / seconds - recent);
    const rate = ready * power.mostPerSecond;
    const before = backlog;
    backlog = Math.max(0, backlog + arrived - rate * seconds);
    const share = fluidLateShare(before, backlog, rate, waitMs / 1_000);
    const waited = lateShare(
      ready * power.slots,
      (recent / power.mostPerSecond) * power.slots,
      waitMs,
      power.workMs,
      variability,
    );
    late += arrived * share;
    if (backlog === 0) unlucky += arrived * Math.max(0, waited - share);
    total += arrived;
    held += (ready + loading) * seconds;
    const forecast = followed(expected[at] ?? 0, meanPerSecond, settings.follow, share > 0);
    const spare = (ready + loading) * power.mostPerSecond - forecast;
    const wanted = Math.min(
      maxReplicas,
      Math.max(
        minReplicas,
        floor,
        sizeFor(forecast, settings.safety, power) +
          sizeForBacklog(backlog, spare, startMs, waitMs, power.mostPerSecond),
      ),
    );
    const kept = withoutGivingUp(hold, wanted, sizeFor(Math.min(recent, expected[at] ?? 0), 0, power));
    hold = holdDown(hold, kept, at * bucketMs, holdMs);
    const desired = Math.ceil(hold.replicas - 1e-9);
    const change = desired - ready - loading;
    if (change > 0) {
      landing[slot] = change;
      loading += change;
    } else if (change < 0) {
      ready = Math.max(0, ready + change);
    }
  }
  return { arrivals: total, late, unlucky, replicaSeconds: held };
}

/**
 * The forecast: the expected rate, as far as it is followed away from the mean. It is followed whole where `whole` says that the
 * past does not hold: requests wait too long already, or as much was never seen.
 */
export function followed(expected: number, mean: number, follow: number, whole: boolean): number {
  const usual = mean + follow * (expected - mean);
  return whole ? Math.max(usual, expected) : usual;
}

/** Size for the greatest rate that was expected of late. */
export function peakSize(expected: readonly number[], safety: number, power: ReplicaPower): number {
  let peak = 0;
  for (const rate of expected) if (rate > peak) peak = rate;
  return sizeFor(peak, safety, power);
}

/** Share of a bucket's requests that wait longer than they may, while the backlog goes evenly from one size to another. */
function fluidLateShare(before: number, after: number, ratePerSecond: number, waitSeconds: number): number {
  const most = ratePerSecond * waitSeconds;
  const [least, greatest] = before < after ? [before, after] : [after, before];
  if (greatest <= most) return 0;
  if (least >= most) return 1;
  return (greatest - most) / (greatest - least);
}
