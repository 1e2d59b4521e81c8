import { readyTimeMs } from '../../coldstart/start-times.ts';
import { doubtOn, type Doubt } from '../learned/doubt.ts';
import type { PolicyInput } from '../policy.ts';
import type { Demand } from './demand-history.ts';
import type { Hold } from './size-rule.ts';
import { clamp, type Turn, type TurnGround } from './turn.ts';

/** A turn after what was promised before was held against what came of it. */
export interface DoubtedTurn {
  readonly doubt: Doubt;
  readonly desired: number;
  readonly hold: Hold;
}

/** Nearly every start is ready by then. */
const latestShare = 0.99;

/**
 * Returns the count of a turn with the doubt in it.
 *
 * | state | count |
 * |---|---|
 * | trusted | the own one |
 * | not trusted | the larger of the own one and of the feedback |
 * | either, while requests are late | no less than what is ready and loading, as far as it was ordered |
 *
 * Back in trust the hold begins with what the feedback had, so that nothing jumps.
 */
export function doubtedTurn(
  input: PolicyInput,
  ground: TurnGround,
  before: { readonly doubt: Doubt; readonly desired: number | null; readonly seenMs: number | null },
  { turn, demand, moved }: { readonly turn: Turn; readonly demand: Demand; readonly moved: boolean },
): DoubtedTurn {
  const { signals, terms, starts } = input;
  const { present, startMs, waitMs } = ground;
  const elapsedMs = before.seenMs === null ? 0 : Math.max(0, signals.atMs - before.seenMs);
  const there = present.ready + present.loading;
  const late = isLate(input, ground);
  const drainMs = Math.sqrt(waitMs * Math.max(waitMs, startMs));
  const doubt = doubtOn(
    before.doubt,
    {
      atMs: signals.atMs,
      elapsedMs,
      arrivals: ((signals.arrivalsPerSecond ?? 0) * elapsedMs) / 1_000,
      late,
      excused: turn.surge || turn.desired >= terms.maxReplicas,
      backlog: turn.size.backlog,
      arrivalsPerSecond: demand.level,
      answersPerSecond: signals.completionsPerSecond,
      ready: present.ready,
      present: there,
      startMs,
      drainMs,
      own: turn.size.wanted,
      moved,
    },
    {
      latestStartMs: readyTimeMs(starts, latestShare),
      drainMs,
      forecastPerSecond: turn.size.forecast,
      allowedLateShare: 1 - terms.attainmentShare,
    },
  );
  const kept = late ? Math.min(there, before.desired ?? 0) : 0;
  const feedback = doubt.distrust === null ? 0 : Math.ceil(doubt.distrust.feedback.replicas - 1e-9) + terms.warmPool;
  const desired = Math.max(turn.desired, clamp(Math.max(kept, feedback), 0, terms.maxReplicas));
  const left = before.doubt.distrust;
  const replicas = Math.min(terms.maxReplicas, left?.feedback.replicas ?? 0);
  const back = left !== null && doubt.distrust === null && replicas > turn.hold.replicas;
  return { doubt, desired, hold: back ? { replicas, below: null } : turn.hold };
}

/** Where only engines know of a queue, its length over what the ready replicas serve stands for the wait. */
function isLate({ signals }: PolicyInput, { waitMs, power, present }: TurnGround): boolean {
  if (signals.oldestWaitMs !== null) return signals.oldestWaitMs > waitMs;
  return (signals.queueDepth ?? 0) * 1_000 > waitMs * present.ready * power.mostPerSecond;
}
