import { logEvidenceAbove } from '../../statistics/sequential/sequential-share.ts';
import type { MissedPairs } from './canary.ts';
import type { PairCounts } from './canary-state.ts';
import { clientParts } from './client-parts.ts';

/**
 * Of pairs of which one request was missed, the share in which it was the canary's. It is one half where both releases are
 * equal; up to here, half as many misses again, it is still tolerated.
 */
const toleratedShare = 0.6;
/** Pairs of others below which a service counts as one with a single client. */
const pairsOfOthers = 20;

const none: PairCounts = { canaryOnly: 0, liveOnly: 0 };

/** Adds the pairs of an interval. Returns undefined where none was ever told. */
export function observeMissedPairs(
  before: readonly PairCounts[] | undefined,
  told: readonly MissedPairs[] | undefined,
): readonly PairCounts[] | undefined {
  if (told === undefined) return before;
  return Array.from({ length: clientParts }, (_, part) =>
    told.filter((one) => one.part === part).reduce(added, before?.[part] ?? none),
  );
}

/**
 * Returns why a step is held: clients miss the canary's answers more than they miss those of the live release. Null where that
 * is not proven.
 *
 * Misses of a client's own deadline are in no metric, since the client chose it. Both requests of a pair are of one client, so
 * that clients in a hurry make pairs of both kinds alike: with equal releases each kind is as likely, whatever the deadlines
 * are. The evidence is a test supermartingale (`logEvidenceAbove`), so that it may be looked at in every moment.
 *
 * | all pairs prove an excess | without each part of the clients | the step is |
 * |---|---|---|
 * | no | anything | not held |
 * | yes | proven too, or the others have fewer than 20 pairs | held |
 * | yes | not proven | not held: no single client decides |
 *
 * @param alphaShare probability that a step of an equal release is ever held.
 */
export function whyHeldByMisses(pairs: readonly PairCounts[] | undefined, alphaShare: number): string | null {
  if (pairs === undefined) return null;
  const all = pairs.reduce(added, none);
  const isProven = ({ canaryOnly, liveOnly }: PairCounts): boolean =>
    logEvidenceAbove(canaryOnly, canaryOnly + liveOnly, toleratedShare) >= -Math.log(alphaShare);
  if (!isProven(all)) return null;
  const others = pairs
    .filter((part) => sizeOf(part) > 0)
    .map((part) => ({
      canaryOnly: all.canaryOnly - part.canaryOnly,
      liveOnly: all.liveOnly - part.liveOnly,
    }));
  if (others.some((rest) => sizeOf(rest) >= pairsOfOthers && !isProven(rest))) return null;
  return (
    `clients with shorter deadlines of their own give the canary up more often than the live release: of ${sizeOf(all)} pairs of ` +
    `requests of one client with one miss, the canary missed ${all.canaryOnly} and the live release ${all.liveOnly}; ` +
    'this holds the step and rolls nothing back: look at the latency of the canary, then `plimsoll release --promote` or `plimsoll release --abort`'
  );
}

function added(one: PairCounts, other: PairCounts): PairCounts {
  return { canaryOnly: one.canaryOnly + other.canaryOnly, liveOnly: one.liveOnly + other.liveOnly };
}

const sizeOf = ({ canaryOnly, liveOnly }: PairCounts): number => canaryOnly + liveOnly;
