import { replicaPower } from '../../capacity/replica-power.ts';
import type { ServiceCurve } from '../../capacity/service-curve.ts';
import type { PolicyInput } from '../policy.ts';
import type { ReplicaSignals } from '../signals.ts';
import { toldRate } from './told-rate.ts';

/** What replicas did between two readings of the signals, and what the told curve foretells for it. */
export interface WatchedTick {
  readonly elapsedMs: number;
  readonly answers: number;
  /** Of the answers: sum of the times that they were with a replica, milliseconds; null where no such time is known. */
  readonly busyMs: number | null;
  /** Of the answers: the longest that they can have been under way together, milliseconds; null where no time with a replica is known. */
  readonly heldAtMostMs: number | null;
  /** Requests under way at the reading, times time, milliseconds. */
  readonly heldMs: number;
  /** Answers that the told curve foretells for what was under way. */
  readonly toldAnswers: number;
  /** Taken share of the slots, 0 to 1. */
  readonly occupiedShare: number;
  /** How full replicas were. */
  readonly fullness: Fullness;
}

/** How full working replicas were, and what filled them. */
export interface Fullness {
  /** Share of the slots that are taken on the replica of each request under way, times `heldMs`. */
  readonly occupiedMs: number;
  /** Null where they are unknown, or a replica is cold. */
  readonly arrivals: number | null;
  /** Answers that the told curve foretells for full replicas. */
  readonly fullAnswers: number;
  /** Told time of a request on a full replica, milliseconds. */
  readonly fullMs: number;
}

/** A reading longer ago than this says nothing of what was under way in between. */
const elapsedAtMostMs = 30_000;
/** A replica is cold for a third of its start, within these limits; its first answers are slower than the later ones. */
const [coldStartShare, coldAtLeastMs, coldAtMostMs] = [1 / 3, 2_000, 20_000];
const coldShareAtMost = 0.2;

/**
 * Returns what was seen since the reading before, or null where it says nothing of the rate of a replica: no time passed or too much,
 * a count is unknown, nothing was under way, or more than a fifth of the ready replicas are cold.
 *
 * @param beforeMs moment of the reading before; null for none
 * @param startMs time of a usual start
 */
export function watchTick(
  { signals, replicas, capacity, nowMs }: PolicyInput,
  beforeMs: number | null,
  startMs: number,
): WatchedTick | null {
  const elapsedMs = beforeMs === null ? 0 : signals.atMs - beforeMs;
  const { arrivalsPerSecond, completionsPerSecond, inFlight, serviceMs } = signals;
  if (!(elapsedMs > 0 && elapsedMs <= elapsedAtMostMs) || completionsPerSecond === null || inFlight === null)
    return null;
  const working = replicas.filter(({ state }) => state === 'ready' || state === 'draining');
  if (working.length === 0 || (inFlight === 0 && completionsPerSecond === 0)) return null;
  const coldMs = Math.min(coldAtMostMs, Math.max(coldAtLeastMs, coldStartShare * startMs));
  // A replica that is ready only after now was so by the clock before.
  const cold = working.filter(
    ({ readyAtMs }) => readyAtMs !== null && readyAtMs <= nowMs && nowMs - readyAtMs < coldMs && readyAtMs > 0,
  );
  if (cold.length > coldShareAtMost * working.length) return null;
  const answers = (completionsPerSecond * elapsedMs) / 1_000;
  const { curve } = capacity;
  const ofReplicas = timesServe(curve) ? signals.replicas.map(withQueue) : signals.replicas;
  const underWay = inFlight + sumOf(ofReplicas) - sumOf(signals.replicas);
  const held = heldOf(ofReplicas, working.length, underWay);
  const ratePerSecond = held.reduce((sum, each) => sum + toldRate(curve, each), 0);
  const { slots, mostPerSecond, workMs } = replicaPower(capacity);
  return {
    elapsedMs,
    answers,
    busyMs: serviceMs === null || !timesServe(curve) ? null : answers * serviceMs,
    heldAtMostMs: serviceMs === null ? null : answers * serviceMs,
    heldMs: underWay * elapsedMs,
    toldAnswers: (ratePerSecond * elapsedMs) / 1_000,
    occupiedShare: Math.min(1, underWay / (slots * working.length)),
    fullness: {
      occupiedMs: elapsedMs * held.reduce((sum, each) => sum + each * Math.min(1, each / slots), 0),
      arrivals: arrivalsPerSecond === null || cold.length > 0 ? null : (arrivalsPerSecond * elapsedMs) / 1_000,
      fullAnswers: (working.length * mostPerSecond * elapsedMs) / 1_000,
      fullMs: workMs,
    },
  };
}

/** The time with a replica holds the wait for a batch to fill, which the curve does not: batches are told by what is under way. */
const timesServe = (curve: ServiceCurve): boolean => curve.kind === 'slots';

/** The time with a replica holds the wait in a queue of its engine: so what waits there is under way too. */
const withQueue = (replica: ReplicaSignals): ReplicaSignals => ({
  ...replica,
  inFlight: replica.inFlight === null ? null : replica.inFlight + (replica.queueDepth ?? 0),
});

const sumOf = (replicas: readonly ReplicaSignals[]): number =>
  replicas.reduce((sum, { inFlight }) => sum + (inFlight ?? 0), 0);

/** Requests under way on each replica; evenly spread where single replicas do not tell. */
function heldOf(told: PolicyInput['signals']['replicas'], working: number, inFlight: number): readonly number[] {
  const known = told.flatMap((replica) => replica.inFlight ?? []);
  const sum = known.reduce((total, each) => total + each, 0);
  // Parts that do not add up to the whole are of another moment.
  if (known.length === working && Math.abs(sum - inFlight) < 0.5) return known;
  return Array.from({ length: working }, () => inFlight / working);
}
