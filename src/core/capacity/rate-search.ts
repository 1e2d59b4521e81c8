/** One open-loop run that was made, and whether it held. */
export interface TriedRate {
  readonly perSecond: number;
  readonly held: boolean;
}

/** Shares of the rate that closed loops promise, tried one after the other while they hold. */
const firstShares = [0.8, 0.95, 1.05] as const;
const stepDown = 0.8;
const stepUp = 1.15;
/** The search ends when the smallest rate that did not hold is this close to the largest that did. */
const closeEnough = 1.03;
const runsAtMost = 10;

/**
 * The next rate to try, or null when the largest that holds is known closely enough or so many runs were made. Closed loops
 * promise too much, since they wait while the replica does: from their rate the search goes down until one holds, up while
 * all hold, and then between the two.
 */
export function nextOpenRate(promisedPerSecond: number, tried: readonly TriedRate[]): number | null {
  if (tried.length >= runsAtMost) return null;
  const failed = tried.filter(({ held }) => !held).map(({ perSecond }) => perSecond);
  const lowestFailed = Math.min(Infinity, ...failed);
  const held = tried.filter((one) => one.held && one.perSecond < lowestFailed).map(({ perSecond }) => perSecond);
  const largestHeld = Math.max(0, ...held);
  if (lowestFailed === Infinity) {
    const share = firstShares.find((one) => one * promisedPerSecond > largestHeld * 1.000_001);
    return share === undefined ? largestHeld * stepUp : share * promisedPerSecond;
  }
  if (largestHeld === 0) return lowestFailed * stepDown;
  return lowestFailed / largestHeld <= closeEnough ? null : Math.sqrt(lowestFailed * largestHeld);
}

/** How many runs such a search takes at most, for whoever says how long it will last. */
export const openRunsAtMost = runsAtMost;
