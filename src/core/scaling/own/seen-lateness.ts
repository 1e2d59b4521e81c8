/** How many requests were seen to wait too long, of late; what the replay thinks of is held against it. JSON-safe. */
export interface SeenLateness {
  readonly arrivals: number;
  readonly late: number;
  /** How many of the arrivals a replay would have called unlucky with the replicas that there were. */
  readonly foretold: number;
  /** Spells in which requests were late, and what is left of the present one, milliseconds. Absent in what older versions recorded: none. */
  readonly spells?: number;
  readonly spellLeftMs?: number;
}

export const nothingSeen: SeenLateness = { arrivals: 0, late: 0, foretold: 0 };

/** What was seen counts half after this. */
const halfLifeMs = 3_600_000;
/** Part of the allowed lateness that a replay may use up while nothing was seen: the future is not the past. */
const replayedShare = 0.6;
const leastShare = 0.15;
/** Until so much of it was seen to be late nothing is taken off. */
const borneOutShare = 1.1;

/**
 * Adds what arrived in a time. Where the oldest request that waits has waited too long, what was answered meanwhile counts as late: it was
 * taken from there. With a long wait, what arrives then may be few requests behind a burst of many. Where answers are not known it is what arrived.
 */
export function observeLateness(
  { arrivals, late, foretold, spells = 0, spellLeftMs = 0 }: SeenLateness,
  since: {
    readonly elapsedMs: number;
    readonly arrivals: number;
    readonly tooLong: boolean;
    /** Null where they are not known. */
    readonly answers: number | null;
    readonly foretoldShare: number;
    /** What is late within so long of each other is of one cause. */
    readonly spellMs: number;
  },
): SeenLateness {
  const keep = 0.5 ** (since.elapsedMs / halfLifeMs);
  const leftMs = Math.max(0, spellLeftMs - since.elapsedMs);
  const begins = since.tooLong && leftMs === 0;
  return {
    arrivals: arrivals * keep + since.arrivals,
    late: late * keep + (since.tooLong ? (since.answers ?? since.arrivals) : 0),
    foretold: foretold * keep + since.arrivals * since.foretoldShare,
    spells: spells * keep + (begins ? 1 : 0),
    spellLeftMs: begins ? since.spellMs : leftMs,
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
export function lateBudget(allowedShare: number, seenLateness: SeenLateness, meanPerSecond: number): number {
  const seen = computeSeenShare(seenLateness, meanPerSecond);
  return Math.max(
    leastShare * allowedShare,
    Math.min(replayedShare * allowedShare, borneOutShare * allowedShare - seen),
  );
}

function computeSeenShare({ arrivals, late }: SeenLateness, meanPerSecond: number): number {
  const known = Math.max(arrivals, (meanPerSecond * 2 * halfLifeMs) / 1_000);
  return known > 0 ? late / known : 0;
}

/** Two of late and one of now; of an hour ago each counts half. */
const spellsNeeded = 2;
/** From so much of what is allowed on the wait is shortened, by so much for each time what is allowed, down to the least. */
const [waitFromShare, waitPerShare, leastWaitShare] = [0.5, 0.75, 0.5] as const;

/**
 * Returns how much of what a request may wait it waits in a replay until it is late. A replay that foretells too little stays wrong however small a
 * budget it gets: of a wave that fills the wait to its last second it sees nothing late, and half of it is. So what was late moves the limit itself, as
 * adaptive conformal inference does (Gibbs and Candes 2021). Nothing is taken off while less than half of what is allowed was late, nor
 * before it was late in three spells or so: a step that nobody foresaw is late once, and whatever is kept for it later is kept in vain.
 *
 * Worked: allowed 1%, three spells within half an hour; seen 0.5%: 1; seen 1%: 0.625; seen 1.17% and more: 0.5.
 */
export function computeWaitShare(allowedShare: number, seen: SeenLateness, meanPerSecond: number): number {
  if ((seen.spells ?? 0) < spellsNeeded) return 1;
  const over = computeSeenShare(seen, meanPerSecond) / allowedShare;
  return Math.max(leastWaitShare, Math.min(1, 1 - waitPerShare * (over - waitFromShare)));
}

/** As many requests as have to be seen before the foretelling is doubted much. */
const doubt = 10;
/** What a foretold one is worth while little was seen: the formula errs to the careful side. */
const priorWorth = 0.6;

/**
 * What a request that the replay calls unlucky is worth: those that were late over those that were foretold to be. The formula of
 * the replay takes every service for exponential and every arrival for Poisson; where both are steadier, few are late.
 * From 0.1 to 1 (0.6 while little was seen): where more are late than that, it is for the budget to take.
 */
export function unluckyCounts({ late, foretold }: SeenLateness): number {
  return Math.max(0.1, Math.min(1, (late + priorWorth * doubt) / (foretold + doubt)));
}
