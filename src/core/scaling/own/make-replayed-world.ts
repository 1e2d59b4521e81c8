import { meanReadyTimeMs, readyTimeMs } from '../../coldstart/start-times.ts';
import { carriedShareOf } from '../learned/learn-capacity.ts';
import { lengthenedShareOf } from '../learned/learn-starts.ts';
import type { Learned } from '../learned/learn.ts';
import type { PolicyInput } from '../policy.ts';
import { tickMs, type Demand, type DemandHistory } from './demand-history.ts';
import { predictNextBurst, type NextBurst } from './next-burst/next-burst.ts';
import type { ReplayedSpares, ReplayedWorld } from './settings/replay.ts';
import { serviceVariability, type ServiceScatter } from './settings/service-scatter.ts';
import type { SpareGround } from './spares/spare-rule.ts';
import { computeWaitShare, type SeenLateness } from './seen-lateness.ts';
import { allowedLateShare, roundMs, startQuantile, type TurnGround } from './turn.ts';

/** How great the next burst may be before settings are chosen anew. */
export const nextBurstOf = ({ arrivals, ticksPerBucket }: DemandHistory, { waitMs, startMs }: TurnGround): NextBurst =>
  predictNextBurst({ arrivals, bucketMs: ticksPerBucket * tickMs, waitMs, startMs, standsMs: roundMs });

/** What was seen of late, and the replicas that would have met it. */
export function makeReplayedWorld(
  { arrivals, expected, ticksPerBucket, dispersion }: DemandHistory,
  {
    input,
    ground,
    demand,
    services,
    asked,
    learned,
    seen,
  }: {
    readonly input: PolicyInput;
    readonly asked: PolicyInput;
    readonly learned: Learned;
    readonly ground: TurnGround;
    readonly demand: Demand;
    readonly services: ServiceScatter;
    readonly seen: SeenLateness;
  },
): ReplayedWorld {
  const { minReplicas, maxReplicas, sleep } = input.terms;
  const { horizonMs: startMs, waitMs, power, spares } = ground;
  // Services are taken for exponential and arrivals for Poisson at most: what is burstier than that the replay sees by itself.
  const variability = (serviceVariability(services) + Math.min(1, dispersion)) / 2;
  const longer = lengthenedShareOf(learned.starts, asked.starts);
  return {
    bucketMs: ticksPerBucket * tickMs,
    arrivals,
    expected,
    peakPerSecond: demand.peakPerSecond,
    meanPerSecond: demand.meanPerSecond,
    variability,
    power,
    carriedShare: carriedShareOf(learned.capacity),
    startMs,
    meanStartMs: startMs - readyTimeMs(input.starts, startQuantile) + longer * meanReadyTimeMs(input.starts),
    waitMs,
    lateAfterMs: waitMs * computeWaitShare(allowedLateShare(input), seen, demand.meanPerSecond),
    minReplicas,
    maxReplicas,
    ...(sleep === undefined ? {} : { sleep }),
    ...(spares === null || spares.found === 0 ? {} : { spares: replayedSpares(spares) }),
  };
}

const replayedSpares = ({ found, startMs, meanStartMs, horizonMs }: SpareGround): ReplayedSpares => ({
  count: found,
  startMs: horizonMs,
  meanStartMs: meanStartMs + horizonMs - startMs,
});
