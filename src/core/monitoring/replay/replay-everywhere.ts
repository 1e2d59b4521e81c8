import { replaysThatCount, type ReplayState, type ReplicaReplays } from './replay-state.ts';

/** Every replica gives other answers than the pinned ones. */
export interface LeftEverywhere {
  /** Sorted; those that are there. */
  readonly replicas: readonly string[];
  /** When the last of them began to. */
  readonly sinceMs: number;
}

const isFailing = ({ verdict, inARow }: ReplicaReplays): boolean => verdict === 'fail' && inARow >= replaysThatCount;

/**
 * Whether every replica that is there fails its golden replays; null where one passes, or is not known.
 *
 * One replica that fails may be a bad node, so it takes two: both are there, or the one that is there took the place of one of
 * the same release that failed too.
 */
export function findLeftEverywhere({ replicas }: Pick<ReplayState, 'replicas'>): LeftEverywhere | null {
  const there = replicas.filter(({ goneAtMs }) => goneAtMs === null);
  const [first] = there;
  if (first === undefined || !there.every(isFailing)) return null;
  const before = replicas.filter(
    (each) =>
      each.goneAtMs !== null && each.release === first.release && isFailing(each) && !hasPassedSince(there, each),
  );
  if (there.length + before.length < 2) return null;
  return {
    replicas: there.map(({ replicaId }) => replicaId).toSorted(),
    sinceMs: Math.max(...there.map(({ sinceMs }) => sinceMs)),
  };
}

/** A replica that reproduced the golden set since says that the one before was bad by itself. */
const hasPassedSince = (there: readonly ReplicaReplays[], { sinceMs }: ReplicaReplays): boolean =>
  there.some(({ recent }) => recent.some(({ verdict, atMs }) => verdict === 'pass' && atMs > sinceMs));
