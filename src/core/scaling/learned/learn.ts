import { replicaPower } from '../../capacity/replica-power.ts';
import { scaleCapacity } from '../../capacity/scale-capacity.ts';
import { scaleStarts } from '../../coldstart/scale-starts.ts';
import { meanReadyTimeMs } from '../../coldstart/start-times.ts';
import type { PolicyInput } from '../policy.ts';
import { beginCapacity, learnCapacity, type LearnedCapacity } from './learn-capacity.ts';
import { beginStarts, learnStarts, type LearnedStarts } from './learn-starts.ts';
import { toldRate } from './told-rate.ts';
import { watchTick } from './watched-tick.ts';
import { workFactorOf } from './work/learn-work.ts';
import { readWorkTick } from './work/work-tick.ts';
import { weighRequests } from './work/weigh-requests.ts';

/** All that live data taught so far. JSON-safe. */
export interface Learned {
  /** The told capacity that it is relative to: rate, slots and time of a full replica, and rates of one with one request and half full. */
  readonly told: readonly number[];
  readonly capacity: LearnedCapacity;
  readonly starts: LearnedStarts;
}

/** Returns what is known after one more decision; capacity that is told anew is believed anew. @param beforeMs of the signals before */
export function learn(before: Learned | null, input: PolicyInput, beforeMs: number | null): Learned {
  const { mostPerSecond, slots, workMs } = replicaPower(input.capacity);
  const { curve } = input.capacity;
  const told = [mostPerSecond, slots, workMs, toldRate(curve, 1), toldRate(curve, slots / 2)];
  const same = before !== null && before.told.every((value, index) => value === told[index]);
  const known = before ?? { told, capacity: beginCapacity, starts: beginStarts };
  const tick = watchTick(input, beforeMs, meanReadyTimeMs(input.starts) * Math.exp(known.starts.used));
  const capacity = learnCapacity(same ? known.capacity : beginCapacity, tick, readWorkTick(input.signals, beforeMs));
  const starts = learnStarts(known.starts, input.replicas, input.starts, input.nowMs);
  return same && capacity === known.capacity && starts === known.starts ? known : { told, capacity, starts };
}

/**
 * Returns what the policy decides by: the evidence, corrected by what was learned, and requests counted by their work; what was asked where
 * nothing was learned.
 */
export function withLearned(input: PolicyInput, { capacity, starts }: Learned): PolicyInput {
  const weighed = weighRequests(input, workFactorOf(capacity.work));
  if (capacity.used === 0 && starts.used === 0) return weighed;
  return {
    ...weighed,
    capacity: capacity.used === 0 ? input.capacity : scaleCapacity(input.capacity, Math.exp(capacity.used)),
    starts: starts.used === 0 ? input.starts : scaleStarts(input.starts, Math.exp(starts.used)),
  };
}
