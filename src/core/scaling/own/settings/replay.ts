import type { ReplicaPower } from '../../../capacity/replica-power.ts';
import { normalCdf } from '../../../statistics/distributions/normal.ts';
import type { SleepTerms } from '../../policy.ts';
import { leaveToSpares, sizeForBacklogWithSpares } from '../spares/spare-rule.ts';
import { lateShare } from './late-share.ts';
import { ReplayedFleet } from './replayed-fleet.ts';
import {
  asleepFor,
  awakeFloor,
  holdDown,
  sizeFor,
  withoutGivingUp,
  type Hold,
  type SizeSettings,
} from '../size-rule.ts';

const loadMs = 30_000;

/** What was seen lately, and the replicas that would have met it. */
export interface ReplayedWorld {
  readonly bucketMs: number;
  /** Requests of each bucket, the rate that was expected at its end, and the greatest of those and the mean rate (requests a second). */
  readonly arrivals: readonly number[];
  readonly expected: readonly number[];
  readonly peakPerSecond: number;
  readonly meanPerSecond: number;
  /** As `lateShare` takes it. */
  readonly variability: number;
  /** As the rule takes it. */
  readonly power: ReplicaPower;
  /** What live data say that a replica carries, of what the rule takes it for: at most 1. */
  readonly carriedShare: number;
  /** Until an order can be relied on to serve, milliseconds: what is ordered by. */
  readonly startMs: number;
  /** Until an order serves on the mean, milliseconds. */
  readonly meanStartMs: number;
  /** What a request may wait and still be in time, milliseconds. */
  readonly waitMs: number;
  /** What waits longer in a replay is late, milliseconds: `waitMs`, or less where more were late than replays foretold. */
  readonly lateAfterMs: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Absent: nothing sleeps. */
  readonly sleep?: SleepTerms;
  /** Absent: no start finds a spare. */
  readonly spares?: ReplayedSpares;
}

/** Spares that starts of a replay find. One that is taken is replaced after a whole start. */
export interface ReplayedSpares {
  readonly count: number;
  /** Until an order that takes one can be relied on to serve, and until it serves on the mean, milliseconds. */
  readonly startMs: number;
  readonly meanStartMs: number;
}

export interface ReplayScore {
  readonly arrivals: number;
  /** Requests that would have been late behind a backlog, expected. */
  readonly late: number;
  /** Those that would have been late by the chance of the queue alone, as `lateShare` has it; it errs to the careful side. */
  readonly unlucky: number;
  /** Held, loading included; asleep by their price. */
  readonly replicaSeconds: number;
}

/**
 * What settings would have cost: the rule of `size-rule.ts` run over the buckets, requests as a fluid that flows through the
 * replicas that are ready. A request is late where the backlog before it takes longer than it may wait; where there is none,
 * with the chance that `lateShare` gives for the load of the last buckets. The rule takes replicas for what its evidence says; they serve by
 * `carriedShare` of that.
 */
export function replaySettings(world: ReplayedWorld, settings: SizeSettings): ReplayScore {
  return replayWithin(world, settings, Infinity) ?? nothingReplayed;
}

const nothingReplayed: ReplayScore = { arrivals: 0, late: 0, unlucky: 0, replicaSeconds: 0 };

/** Returns what `replaySettings` does; null as soon as more than `lateAtMost` requests are late. */
export function replayWithin(world: ReplayedWorld, settings: SizeSettings, lateAtMost: number): ReplayScore | null {
  const { arrivals, expected, meanPerSecond, variability, bucketMs, power, startMs, waitMs, lateAfterMs } = world;
  const { minReplicas, maxReplicas, sleep, spares, carriedShare } = world;
  const carriedPerSecond = carriedShare * power.mostPerSecond;
  const seconds = bucketMs / 1_000;
  const holdMs = settings.holdStarts * startMs;
  const floor = settings.floorShare * sizeFor(world.peakPerSecond, settings.safety, power);
  const buckets = (durationMs: number): number => Math.max(1, Math.round(durationMs / bucketMs));
  const fleet = new ReplayedFleet({
    startBuckets: buckets(world.meanStartMs),
    wakeBuckets: buckets(sleep?.wakeMs ?? 0),
    spares: spares?.count ?? 0,
    spareBuckets: buckets(spares?.meanStartMs ?? 0),
  });
  // The rate that is expected when a spare serves lies this far between the rate of now and the one that is expected a whole start ahead.
  const soonShare = spares === undefined ? 1 : Math.min(1, spares.startMs / startMs);
  // Shorter than that and the noise of the arrivals, which `lateShare` counts by itself, would be counted twice.
  const smoothing = 1 - Math.exp(-bucketMs / loadMs);
  // What was there before the history began is not the settings' doing: they begin with what they would have had.
  const begun = sizeFor(followed(expected[0] ?? 0, meanPerSecond, settings.follow), settings.safety, power);
  const awake = Math.max(minReplicas, begun, floor - (sleep?.replicas ?? 0));
  let hold: Hold = { replicas: Math.min(maxReplicas, awake), below: null };
  fleet.ready = Math.ceil(hold.replicas - 1e-9);
  fleet.asleep = asleepFor(Math.min(maxReplicas, floor), fleet.ready, sleep);
  let [backlog, queued, recent, late, unlucky, total, held] = [0, 0, meanPerSecond, 0, 0, 0, 0];
  const runs = quietRuns(arrivals, expected);
  let [quietRate, quietDemand] = [Number.NaN, 0];
  for (let at = 0; at < arrivals.length; at += 1) {
    if (fleet.loading > 0) fleet.land();
    const { ready } = fleet;
    const free = spares === undefined ? 0 : fleet.countSpares(at);
    const arrived = arrivals[at] ?? 0;
    recent += smoothing * (arrived / seconds - recent);
    const rate = ready * carriedPerSecond;
    const before = backlog;
    backlog = Math.max(0, backlog + arrived - rate * seconds);
    if (
      arrived === 0 &&
      backlog === 0 &&
      before === 0 &&
      sleep === undefined &&
      fleet.loading === 0 &&
      hold.below === null
    ) {
      // Most buckets of a quiet service: where as many are wanted as there are, nothing moves.
      const expectedNow = expected[at] ?? 0;
      if (expectedNow !== quietRate) {
        quietRate = expectedNow;
        quietDemand = sizeFor(followed(expectedNow, meanPerSecond, settings.follow), settings.safety, power);
      }
      const isSteady = spares === undefined || quietDemand <= Math.max(minReplicas, floor);
      if (isSteady && Math.min(maxReplicas, Math.max(minReplicas, floor, quietDemand)) === hold.replicas) {
        queued = 0;
        held += ready * seconds;
        // Nor does it until something arrives or another rate is expected: only the two sums go on.
        for (let left = (runs[at] ?? 1) - 1; left > 0; left -= 1, at += 1) {
          held += ready * seconds;
          recent -= smoothing * recent;
        }
        continue;
      }
    }
    const share = before + backlog > 0 || rate === 0 ? fluidLateShare(before, backlog, rate, lateAfterMs / 1_000) : 0;
    late += arrived * share;
    if (late > lateAtMost) return null;
    if (backlog > 0) {
      // As far as the counts of a while differ from what a fluid would have been, so far the backlog does.
      queued += arrived;
      const room = (rate * lateAfterMs) / 1_000 - backlog;
      unlucky += arrived * Math.max(0, 1 - normalCdf(room / Math.sqrt(2 * variability * queued)) - share);
    } else {
      queued = 0;
      if (arrived > 0) {
        const offered = (recent / carriedPerSecond) * power.slots;
        const waited = lateShare(ready * power.slots, offered, lateAfterMs, power.workMs, variability);
        unlucky += arrived * Math.max(0, waited - share);
      }
    }
    total += arrived;
    held += (ready + fleet.loading) * seconds;
    if (sleep !== undefined) held += fleet.asleep * sleep.priceShare * seconds;
    const usual = followed(expected[at] ?? 0, meanPerSecond, settings.follow);
    const forecast = share > 0 ? Math.max(usual, expected[at] ?? 0) : usual;
    const sparePerSecond = (ready + fleet.served) * power.mostPerSecond - forecast;
    const { mostPerSecond } = power;
    const drained =
      backlog > 0
        ? sizeForBacklogWithSpares(
            backlog,
            { servedPerSecond: ready * mostPerSecond, sparePerSecond, startMs, waitMs, mostPerSecond },
            {
              free,
              sparePerSecond: (ready + fleet.soon) * mostPerSecond - forecast,
              startMs: spares?.startMs ?? startMs,
            },
          )
        : 0;
    const forDemand = sizeFor(forecast, settings.safety, power);
    let left = 0;
    if (free > 0 && share === 0) {
      const expectedSoon = Math.min(expected[at] ?? 0, recent + soonShare * ((expected[at] ?? 0) - recent));
      const soon = followed(expectedSoon, meanPerSecond, settings.follow);
      left = leaveToSpares(forDemand, sizeFor(soon, settings.safety, power), free);
    }
    const demand = forDemand + drained - left;
    const kept =
      sleep === undefined
        ? floor
        : awakeFloor(floor, demand, { sleep, asleep: fleet.asleep, present: ready + fleet.loading });
    const wanted = Math.min(maxReplicas, Math.max(minReplicas, kept, demand));
    hold = holdDown(hold, withoutGivingUp(hold, wanted, sizeFor(recent, 0, power)), at * bucketMs, holdMs);
    const desired = Math.ceil(hold.replicas - 1e-9);
    const stopped = fleet.want(desired, asleepFor(Math.min(maxReplicas, floor), desired, sleep), at);
    // One that served ends what it has begun first.
    held += (stopped * power.workMs) / 1_000;
  }
  return { arrivals: total, late, unlucky, replicaSeconds: held };
}

/**
 * Returns the share of the present requests that a replay calls unlucky, by the replicas that are ready now. Replicas are whole, so that there may be
 * many more than the settings have on the mean of what was replayed: what the formula is worth shows where formula and lateness are of
 * the same moment. 0 where more arrives than is served: a replay has a backlog then.
 */
export function foretellLateShare(world: ReplayedWorld, ready: number, ratePerSecond: number): number {
  const { power, carriedShare, variability, waitMs } = world;
  const slots = ready * power.slots;
  const offered = (ratePerSecond / (carriedShare * power.mostPerSecond)) * power.slots;
  return offered < slots ? lateShare(slots, offered, waitMs, power.workMs, variability) : 0;
}

/**
 * The forecast: the expected rate, as far as it is followed away from the mean. What is beyond `seen`, the greatest rate that the
 * settings are known to be good for, is followed whole.
 *
 * Worked: mean 20/s, follow 0.5, seen 30/s: 28/s expected give 24/s, 40/s give 25 + 10 = 35/s.
 */
export function followed(expected: number, mean: number, follow: number, seen = Infinity): number {
  const known = Math.min(expected, Math.max(mean, seen));
  return mean + follow * (known - mean) + (expected - known);
}

/** By list of what was expected; lists are never written to. */
const runsOf = new WeakMap<readonly number[], { readonly arrivals: readonly number[]; readonly lengths: Int32Array }>();

/** How many buckets from each one on have no arrivals and expect the same rate, itself included; 0 where something arrived. */
function quietRuns(arrivals: readonly number[], expected: readonly number[]): Int32Array {
  const known = runsOf.get(expected);
  if (known?.arrivals === arrivals) return known.lengths;
  const lengths = new Int32Array(arrivals.length);
  for (let at = arrivals.length - 1; at >= 0; at -= 1) {
    if (arrivals[at] === 0) lengths[at] = 1 + (expected[at + 1] === expected[at] ? (lengths[at + 1] ?? 0) : 0);
  }
  runsOf.set(expected, { arrivals, lengths });
  return lengths;
}

/** Share of a bucket's requests that wait longer than they may, while the backlog goes evenly from one size to another. */
function fluidLateShare(before: number, after: number, ratePerSecond: number, waitSeconds: number): number {
  const most = ratePerSecond * waitSeconds;
  const [least, greatest] = before < after ? [before, after] : [after, before];
  if (greatest <= most) return 0;
  if (least >= most) return 1;
  return (greatest - most) / (greatest - least);
}
