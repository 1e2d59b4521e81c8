/** How many requests were seen to wait too long, of late; what the replay thinks of is held against it. JSON-safe. */
export interface SeenLateness {
  readonly arrivals: number;
  readonly late: number;
  /** How many of them the replay of the settings in use would have called unlucky. */
  readonly foretold: number;
}

export const nothingSeen: SeenLateness = { arrivals: 0, late: 0, foretold: 0 };

/** What was seen counts half after this. */
const halfLifeMs = 3_600_000;
/** Part of the allowed lateness that a replay may use up while nothing was seen: the future is not the past. */
const replayedShare = 0.6;
const leastShare = 0.15;
/** Until so much of it was seen to be late nothing is taken off. */
const borneOutShare = 1.1;

/** Adds what arrived in a time; all of it counts as late where the oldest request that waits has waited too long already. */
export function observeLateness(
  { arrivals, late, foretold }: SeenLateness,
  since: {
    readonly elapsedMs: number;
    readonly arrivals: number;
    readonly tooLong: boolean;
    readonly foretoldShare: number;
  },
): SeenLateness {
  const keep = 0.5 ** (since.elapsedMs / halfLifeMs);
  return {
    arrivals: arrivals * keep + since.arrivals,
    late: late * keep + (since.tooLong ? since.arrivals : 0),
    foretold: foretold * keep + since.arrivals * since.foretoldShare,
  };
}

/**
 * Share of late requests that a replay may show. It is 0.6 of what is allowed as long as that was borne out, and less where more were late than a
 * replay may show: what was late more is taken off. Seen is held against two half-lives at the mean rate: a bad minute right after the
 * settings were chosen is not the half of all that is known of them.
 *
 * Worked: allowed 1%, 10 requests/s (72,000 in two half-lives): up to 360 late 0.6%; 540 late 0.35%; 684 or more 0.15%: the past cannot be made good,
 * and a service that is kept with twice the replicas for it would only pay for it as well.
 */
export function lateBudget(allowedShare: number, { arrivals, late }: SeenLateness, meanPerSecond: number): number {
  const known = Math.max(arrivals, (meanPerSecond * 2 * halfLifeMs) / 1_000);
  const seen = known > 0 ? late / known : 0;
  return Math.max(
    leastShare * allowedShare,
    Math.min(replayedShare * allowedShare, borneOutShare * allowedShare - seen),
  );
}

/** As many requests as have to be seen before the foretelling is doubted much. */
const doubt = 10;

/**
 * What a request that the replay calls unlucky is worth: those that were late over those that were foretold to be. The formula of
 * the replay takes every service for exponential and every arrival for Poisson; where both are steadier, few are late.
 * From 0.1 to 1 (1 while little was seen): where more are late than that, it is for the budget to take.
 */
export function unluckyCounts({ late, foretold }: SeenLateness): number {
  return Math.max(0.1, Math.min(1, (late + doubt) / (foretold + doubt)));
}
