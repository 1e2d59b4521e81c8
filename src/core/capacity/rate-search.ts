/** One open-loop run that was made, and whether it held. */
export interface TriedRate {
  readonly perSecond: number;
  readonly held: boolean;
}

/** The same with what became of its requests. */
export interface TriedRun extends TriedRate {
  /** Share of its requests that failed. */
  readonly failedShare: number;
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

/** So many runs in a row fail alike before a smaller rate is not hoped for. */
const alikeRuns = 4;
/** Failures that come from load fall with it: to this share of what they were they have not. */
const unchangedShare = 0.8;

/**
 * Whether requests fail alike at every rate that was tried, so that no smaller one helps: none held, and the share that failed
 * did not fall in four runs, over which the rate halved.
 */
export function failsAtEveryRate(tried: readonly TriedRun[]): boolean {
  const last = tried.slice(-alikeRuns);
  const [first] = last;
  if (first === undefined || last.length < alikeRuns || tried.some(({ held }) => held)) return false;
  return first.failedShare > 0 && last.every(({ failedShare }) => failedShare >= unchangedShare * first.failedShare);
}

/** How many runs such a search takes at most, for whoever says how long it will last. */
export const openRunsAtMost = runsAtMost;
