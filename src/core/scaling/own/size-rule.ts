import type { ReplicaPower } from '../../capacity/replica-power.ts';
import type { SleepTerms } from '../policy.ts';

/**
 * How freely the rule sizes. One set of them is chosen by replaying what was seen lately (`choose-settings.ts`).
 *
 * | setting | meaning |
 * |---|---|
 * | safety | slots kept free over the forecast, in square roots of the offered load |
 * | follow | how far the rate that is expected now is followed away from the mean of lately: 1 whole, 0 not at all |
 * | floorShare | share of the greatest demand seen lately that is always kept ready |
 * | holdStarts | how long a lower demand has to last before it is followed, in start times |
 */
export interface SizeSettings {
  readonly safety: number;
  readonly follow: number;
  readonly floorShare: number;
  readonly holdStarts: number;
}

/**
 * Replicas (a fraction) for a forecast rate, without a bound: slots for the offered load a = rate * work and `safety` square
 * roots of it more (square-root staffing, Halfin and Whitt 1981).
 *
 * Worked: 20 requests/s of 400 ms on 4 slots a replica, safety 1: (8 + 2.83) / 4 = 2.71.
 */
export function sizeFor(ratePerSecond: number, safety: number, { slots, mostPerSecond }: ReplicaPower): number {
  const offered = (ratePerSecond / mostPerSecond) * slots;
  return (offered + safety * Math.sqrt(offered)) / slots;
}

/** Until a replica that is ordered now would serve. */
export interface BacklogOutlook {
  /** Requests a second that ready replicas serve. */
  readonly servedPerSecond: number;
  /** That ready and arriving replicas serve beyond the forecast arrivals, on the mean until then; may be negative. */
  readonly sparePerSecond: number;
  readonly startMs: number;
  /** What a request may wait. */
  readonly waitMs: number;
  /** That the replica would serve. */
  readonly mostPerSecond: number;
}

/**
 * Replicas (a fraction) more that drain a backlog: of the requests that wait, those that the ready and arriving replicas do not
 * serve before a replica that is ordered now would be there. What ready ones serve within half of what may be waited is no
 * backlog: a queue of that length comes and goes where every request is in time.
 *
 * They drain it in the geometric mean of what a request may wait and what a start takes. With B requests waiting, n replicas more
 * need B / (n m), and whatever arrives meanwhile is late: a cost that falls as 1/n. They cost at least a start each: a cost that
 * rises as n. The least of the sum is at a number that grows with the root of the one over the other. Within the wait itself a
 * start of three minutes would order dozens of replicas against a queue of some hundred; within a start one of ten seconds would
 * leave a crowd waiting for as long.
 */
export function sizeForBacklog(backlog: number, outlook: BacklogOutlook): number {
  const { servedPerSecond, sparePerSecond, startMs, waitMs, mostPerSecond } = outlook;
  const harmless = (servedPerSecond * waitMs) / 2_000;
  const left = backlog - Math.max(harmless, (sparePerSecond * startMs) / 1_000);
  if (left <= 0) return 0;
  const drainMs = Math.sqrt(waitMs * Math.max(waitMs, startMs));
  return left / ((mostPerSecond * drainMs) / 1_000);
}

/** What a floor may be asleep of. */
export interface SleepOutlook {
  readonly sleep: SleepTerms | undefined;
  readonly asleep: number;
  /** Ready and loading. */
  readonly present: number;
}

/**
 * Replicas (a fraction) of a floor that have to be awake: those that sleep count, and so do those beyond the demand, which can be
 * put to sleep. Without any of them the floor is first started, because only one that served can sleep.
 *
 * Worked: floor 3, up to 2 asleep, demand 1: with 3 present 1 stays awake; with 1 present and none asleep all 3 have to.
 */
export function awakeFloor(floor: number, demand: number, { sleep, asleep, present }: SleepOutlook): number {
  if (sleep === undefined) return floor;
  return floor - Math.min(sleep.replicas, asleep + Math.max(0, present - demand));
}

/** How many are to sleep where `awake` are kept: what of the floor is not awake. */
export function asleepFor(floor: number, awake: number, sleep: SleepTerms | undefined): number {
  return sleep === undefined ? 0 : Math.min(sleep.replicas, Math.max(0, Math.ceil(floor - 1e-9) - awake));
}

/** What has to be remembered to follow a lower demand only after it has lasted. */
export interface Hold {
  readonly replicas: number;
  /** Since when less was wanted, and the most of it; null while as much is wanted. */
  readonly below: { readonly highest: number; readonly sinceMs: number } | null;
}

/** Up at once; down after `holdMs`, to the most that was wanted meanwhile. */
export function holdDown({ replicas, below }: Hold, wanted: number, nowMs: number, holdMs: number): Hold {
  if (wanted >= replicas) return { replicas: wanted, below: null };
  const highest = Math.max(below?.highest ?? 0, wanted);
  const sinceMs = below?.sinceMs ?? nowMs;
  if (nowMs - sinceMs >= holdMs) return { replicas: highest, below: null };
  return { replicas, below: { highest, sinceMs } };
}

/**
 * What is wanted without giving up what the present rate needs: before a step down the replicas that would be left have to carry
 * it by themselves, so that N to N - 1 does not come back at once.
 *
 * @param carries replicas (a fraction) that the present rate takes without any room
 */
export function withoutGivingUp({ replicas }: Hold, wanted: number, carries: number): number {
  return Math.max(wanted, Math.min(replicas, carries));
}
