import type { FalseAlarmRate } from './alarm-budget.ts';

/** Shares are rounded down to a span that a person can read. */
const tenthOfHourMs = 360_000;

/** What the policy of an environment says of the false alarms of all its services together. */
export interface FleetAlarms {
  readonly falseAlarms?: FalseAlarmRate;
  /** By service; 1 where none is written. */
  readonly falseAlarmWeights?: Readonly<Record<string, number>>;
}

/** What a service may use of the false alarms of its environment. */
export interface FleetShare {
  /** Of all services together. */
  readonly fleet: FalseAlarmRate;
  readonly services: number;
  /** Of this service. */
  readonly rate: FalseAlarmRate;
}

/** The share that a service has in a period, which only falls within it. */
export interface KeptShare extends FleetShare {
  /** Periods of the fleet's budget since the epoch. */
  readonly period: number;
}

/**
 * The share of a service: the fleet's rate by its weight, over the weights of all services. Null where the policy states no
 * rate.
 *
 * @param services all of the environment; the service itself counts whether it is among them or not.
 * @example 1 per day over 200 services of the same weight: 1 per 200 days.
 */
export function shareOfFleet(
  { falseAlarms: fleet, falseAlarmWeights = {} }: FleetAlarms,
  service: string,
  services: readonly string[],
): FleetShare | null {
  if (fleet === undefined) return null;
  const weightOf = (name: string): number =>
    Object.hasOwn(falseAlarmWeights, name) ? (falseAlarmWeights[name] ?? 1) : 1;
  const all = new Set([service, ...services]);
  const total = [...all].reduce((sum, name) => sum + weightOf(name), 0);
  const exactMs = (fleet.perMs / fleet.count) * (total / weightOf(service));
  const stepMs = exactMs > 10 * tenthOfHourMs ? tenthOfHourMs : 1;
  return { fleet, services: all.size, rate: { count: 1, perMs: Math.ceil(exactMs / stepMs) * stepMs } };
}

/**
 * The share of now. Within a period of the fleet's budget it never rises: a service that goes leaves its share unused until the
 * next period. A service that comes lowers the shares of the others at once, so that all together stay within the budget.
 * A clock that steps back begins no period. Another budget begins anew.
 */
export function keepShare(kept: KeptShare | undefined, share: FleetShare | null, nowMs: number): KeptShare | undefined {
  if (share === null) return undefined;
  const period = Math.floor(nowMs / share.fleet.perMs);
  const isSame = kept?.fleet.count === share.fleet.count && kept.fleet.perMs === share.fleet.perMs;
  if (kept === undefined || !isSame || kept.period < period) return { ...share, period };
  return { ...share, rate: smallerRate(kept.rate, share.rate), period: kept.period };
}

/** The rate of fewer alarms; `first` where both are the same. */
export function smallerRate(first: FalseAlarmRate, second: FalseAlarmRate | undefined): FalseAlarmRate {
  return second !== undefined && second.count / second.perMs < first.count / first.perMs ? second : first;
}

/** The rate of a tick, and the share from it on. The time since the last tick was of the last share as well. */
export function tickRate(
  kept: { readonly fleet?: KeptShare | undefined },
  rate: FalseAlarmRate,
  terms: { readonly fleet?: FleetShare | null },
  nowMs: number,
): { readonly rate: FalseAlarmRate; readonly fleet: KeptShare | undefined } {
  const fleet = keepShare(kept.fleet, terms.fleet ?? null, nowMs);
  return { fleet, rate: smallerRate(smallerRate(rate, fleet?.rate), kept.fleet?.rate) };
}
