import type { Protocol } from '../../contract/contract.ts';
import type { Release } from '../release.ts';
import type { ObservedReplica } from '../replica.ts';

/**
 * What is known of the sleep of one replica. A replica that is not known was never asked.
 *
 * | stage | meaning |
 * |---|---|
 * | awake | it told so, or its wake was answered |
 * | falling-asleep | it was told to sleep and has not answered yet |
 * | asleep | it told so, or its sleep was answered |
 * | waking | it was told to wake and has not answered yet |
 * | stuck | it refused to sleep or to wake, or did not answer in time: it is to be stopped |
 */
export type SleepStage = 'awake' | 'falling-asleep' | 'asleep' | 'waking' | 'stuck';

export interface KnownSleep {
  readonly stage: SleepStage;
  /** When the stage began, milliseconds of the wall clock. */
  readonly sinceMs: number;
  /** When a wake was ordered whose replica does not serve yet, milliseconds; absent where none was. */
  readonly wakeOrderedAtMs?: number;
  /** Why it is stuck, for people. */
  readonly reason?: string;
}

/** What an order to sleep or to wake is sent to. */
export interface SleepTarget {
  readonly replicaId: string;
  readonly endpoint: string;
  readonly protocol: Protocol;
  /** Name of the model in the paths of the protocol. */
  readonly model: string;
  readonly release: number;
}

/** Returns whether some release of this pair lets its replicas sleep: only these are ever asked. */
export function maySleep(releases: readonly Release[], { pair }: Pick<ObservedReplica, 'pair'>): boolean {
  return releases.some((release) => release.pair === pair && release.replicas.asleepAtMost !== undefined);
}

/**
 * Returns a replica as the rollout sees it, with what is known of its sleep. A platform cannot tell a server without its model from
 * one that is not ready yet. The first row that applies decides:
 *
 * | known | shown as |
 * |---|---|
 * | falling asleep, asleep or stuck | asleep |
 * | waking | starting |
 * | nothing, it runs and was not admitted: it may sleep, by the order of an earlier control plane | starting, until it has told |
 * | anything else | as the platform sees it |
 *
 * One that was admitted is awake: its admission is taken back before it is told to sleep.
 */
export function showSleep(
  replica: ObservedReplica,
  known: KnownSleep | undefined,
  isAdmitted: boolean,
): ObservedReplica {
  const { state, endpoint } = replica;
  if ((state !== 'ready' && state !== 'starting') || endpoint === null) return replica;
  switch (known?.stage) {
    case 'falling-asleep':
      return { ...replica, state: 'asleep', reason: 'falls asleep' };
    case 'asleep':
      return { ...replica, state: 'asleep', reason: 'its weights have left the accelerator' };
    case 'stuck':
      return { ...replica, state: 'asleep', reason: known.reason ?? 'it neither sleeps nor wakes' };
    case 'waking':
      return { ...replica, state: 'starting', reason: 'wakes up' };
    case 'awake':
      return replica;
    case undefined:
      if (isAdmitted || state === 'starting') return replica;
      return { ...replica, state: 'starting', reason: 'is asked whether it sleeps' };
  }
}

/** Returns what to ask a replica by; null where it has no endpoint, or no release knows its pair. */
export function findSleepTarget(releases: readonly Release[], replica: ObservedReplica): SleepTarget | null {
  const release = releases.find(({ pair }) => pair === replica.pair);
  if (release === undefined || replica.endpoint === null) return null;
  return {
    replicaId: replica.replicaId,
    endpoint: replica.endpoint,
    protocol: release.code.section.protocol,
    model: release.model.name,
    release: replica.release,
  };
}
