import type { PolicyInput } from '../policy.ts';

/** One moment by the time of a policy, the clock of the day, and a clock that never steps. */
export interface PolicyTime {
  readonly atMs: number;
  readonly monotonicMs: number;
}

/** A clock of the day is set by less where it is kept right over the network. */
const stepAtMostMs = 60_000;
/** By so much of the time that passed the time of a policy moves towards the clock of the day. */
const slewShare = 0.1;

/**
 * Returns the time that a policy is asked with. A clock of the day may be set. A policy that takes that for time that passed counts the
 * arrivals of hours that never were, or forgets what it learned.
 *
 * | the clock of the day | time of the policy | what it remembers |
 * |---|---|---|
 * | is within a minute of what passed | what passed, moved towards that clock by a tenth of it at most | stays |
 * | is further off, either way | that clock | is begun anew |
 *
 * @param before null at the start: then `recordedMs` is when the policy was asked last, by its own time, and null where it never was
 */
export function findPolicyTime(
  before: PolicyTime | null,
  recordedMs: number | null,
  now: { readonly nowMs: number; readonly monotonicMs: number },
): { readonly time: PolicyTime; readonly isAnew: boolean } {
  const { nowMs, monotonicMs } = now;
  if (before === null) {
    const isAhead = recordedMs !== null && recordedMs > nowMs;
    const isAnew = isAhead && recordedMs - nowMs > stepAtMostMs;
    return { time: { atMs: isAhead && !isAnew ? recordedMs : nowMs, monotonicMs }, isAnew };
  }
  const passedMs = Math.max(0, monotonicMs - before.monotonicMs);
  const offMs = nowMs - (before.atMs + passedMs);
  if (Math.abs(offMs) > stepAtMostMs) return { time: { atMs: nowMs, monotonicMs }, isAnew: true };
  const slewMs = Math.min(Math.abs(offMs), slewShare * passedMs) * Math.sign(offMs);
  return { time: { atMs: Math.round(before.atMs + passedMs + slewMs), monotonicMs }, isAnew: false };
}

/** The same moments by the time of a policy. A moment that lies ahead, by a clock that was set back, is now. */
export function toPolicyTime<Input extends Pick<PolicyInput, 'signals' | 'replicas'>>(
  input: Input,
  { atMs }: PolicyTime,
  nowMs: number,
): Input & { readonly nowMs: number } {
  const moved = (momentMs: number): number => Math.min(atMs, momentMs + atMs - nowMs);
  return {
    ...input,
    nowMs: atMs,
    signals: { ...input.signals, atMs: moved(input.signals.atMs) },
    replicas: input.replicas.map((replica) => ({
      ...replica,
      orderedAtMs: moved(replica.orderedAtMs),
      readyAtMs: replica.readyAtMs === null ? null : moved(replica.readyAtMs),
      ...(replica.awakeAtMs === undefined ? {} : { awakeAtMs: replica.awakeAtMs + atMs - nowMs }),
    })),
  };
}
