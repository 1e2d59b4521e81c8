import type { ObservedReplica } from '../replica.ts';
import type { KnownSleep } from './sleep-stage.ts';

/** What becomes of the replicas of one set. Replicas in none of the lists stay as they are. */
export interface SleepChoice {
  /** To leave the traffic, and to sleep once gateways have let go of them. */
  readonly rest: readonly ObservedReplica[];
  readonly wake: readonly ObservedReplica[];
  readonly stop: readonly ObservedReplica[];
  /** That sleep or will sleep after it. */
  readonly asleep: readonly ObservedReplica[];
}

/** How many replicas a set is to have. */
export interface WantedReplicas {
  /** Ready, starting and waking together. */
  readonly awake: number;
  readonly asleep: number;
}

/**
 * Returns which replicas of a set sleep, wake and stop:
 *
 * | there are | what happens |
 * |---|---|
 * | fewer awake than wanted | sleeping ones wake, the oldest start first; the platform starts the rest |
 * | more awake than wanted | those that serve go to sleep while there is room, the others stop, the least worth first |
 * | more asleep than wanted | the youngest stop |
 * | one that is stuck | it stops |
 *
 * Worked: 3 awake, 1 asleep; wanted 1 awake, 2 asleep: one of the awake rests, one stops.
 *
 * @param running replicas of one set that are counted
 * @param byWorth order of awake replicas, least worth first
 * @param maySleep whether an awake replica can be put to sleep: it serves
 */
export function chooseSleepers(
  running: readonly ObservedReplica[],
  wanted: WantedReplicas,
  rules: {
    readonly known: ReadonlyMap<string, KnownSleep>;
    readonly byWorth: (a: ObservedReplica, b: ObservedReplica) => number;
    readonly maySleep: (replica: ObservedReplica) => boolean;
  },
): SleepChoice {
  const stageOf = ({ replicaId }: ObservedReplica) => rules.known.get(replicaId)?.stage;
  const stuck = running.filter((replica) => stageOf(replica) === 'stuck');
  const sleepers = running.filter((replica) => replica.state === 'asleep' && !stuck.includes(replica)).sort(byAge);
  const awake = running.filter((replica) => replica.state !== 'asleep').sort(rules.byWorth);
  const missing = Math.max(0, wanted.awake - awake.length);
  const wake = sleepers.filter((replica) => stageOf(replica) === 'asleep').slice(0, missing);
  const sleeping = sleepers.filter((replica) => !wake.includes(replica));
  const kept = sleeping.slice(0, wanted.asleep);
  const surplus = awake.slice(0, Math.max(0, awake.length - wanted.awake));
  const room = wanted.asleep - kept.length;
  const rest = room <= 0 ? [] : surplus.filter(rules.maySleep).slice(-room);
  return {
    rest,
    wake,
    stop: [...stuck, ...surplus.filter((replica) => !rest.includes(replica)), ...sleeping.slice(wanted.asleep)],
    asleep: [...kept, ...rest],
  };
}

const byAge = (a: ObservedReplica, b: ObservedReplica): number =>
  a.startedAtMs - b.startedAtMs || (a.replicaId < b.replicaId ? -1 : 1);
