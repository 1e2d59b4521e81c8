import type { PairCount, ReplayState, ReplicaReplays } from './replay-state.ts';
import { shortHash } from './schedule.ts';

/** Beyond these inputs are not counted any more: what is said stays true, and does not get better. */
const seenAtMost = 6_000;
const pairsAtMost = 100;

/** What two replicas said to one captured request. */
export interface PairAnswer {
  /** The request in one form, so that equal ones are equal. */
  readonly input: string;
  /** What was off; null where both agree inside the bands. */
  readonly difference: string | null;
}

/** Two replicas of one release and runtime that were compared least; null where there are none. */
export function choosePair({ replicas, pairs }: ReplayState): readonly [ReplicaReplays, ReplicaReplays] | null {
  const there = replicas.filter(({ goneAtMs }) => goneAtMs === null);
  const all = there.flatMap((a, at) =>
    there
      .slice(at + 1)
      .filter((b) => isSameKind(a, b))
      .map((b) => [a, b] as const),
  );
  const comparedOf = ([a, b]: readonly [ReplicaReplays, ReplicaReplays]): number =>
    pairs.find((pair) => isOf(pair, a, b))?.compared ?? 0;
  const [first, ...rest] = all;
  if (first === undefined) return null;
  return rest.reduce((least, pair) => (comparedOf(pair) < comparedOf(least) ? pair : least), first);
}

/** A runtime that is not known is taken for the same: one release starts its replicas alike. */
const isSameKind = (a: ReplicaReplays, b: ReplicaReplays): boolean =>
  a.release === b.release && a.fingerprint === b.fingerprint && a.deviceClass === b.deviceClass;

const sortedIds = (a: ReplicaReplays, b: ReplicaReplays): readonly [string, string] =>
  a.replicaId < b.replicaId ? [a.replicaId, b.replicaId] : [b.replicaId, a.replicaId];

function isOf(pair: PairCount, a: ReplicaReplays, b: ReplicaReplays): boolean {
  const [one, other] = sortedIds(a, b);
  return pair.replicas[0] === one && pair.replicas[1] === other && pair.release === a.release;
}

/** Whether the pair has answered this input before, or no more can be remembered. */
export function isCompared({ seen }: ReplayState, a: ReplicaReplays, b: ReplicaReplays, input: string): boolean {
  return seen.length >= seenAtMost || seen.includes(keyOf(a, b, input));
}

const keyOf = (a: ReplicaReplays, b: ReplicaReplays, input: string): string =>
  shortHash(`${sortedIds(a, b).join(' ')} ${a.release} ${input}`);

/** The state after captured requests were sent to both. A repeated input does not count. */
export function takeComparison(
  state: ReplayState,
  a: ReplicaReplays,
  b: ReplicaReplays,
  answers: readonly PairAnswer[],
): ReplayState {
  const before = state.pairs.find((pair) => isOf(pair, a, b));
  const seen = [...state.seen];
  let { compared, differ, example } = before ?? { compared: 0, differ: 0, example: null };
  for (const { input, difference } of answers) {
    const key = keyOf(a, b, input);
    if (seen.includes(key) || seen.length >= seenAtMost) continue;
    seen.push(key);
    compared += 1;
    if (difference === null) continue;
    differ += 1;
    example = difference;
  }
  const pair: PairCount = {
    ...{ replicas: sortedIds(a, b), release: a.release, fingerprint: a.fingerprint },
    ...{ compared, differ, example },
  };
  return { ...state, seen, pairs: [...state.pairs.filter((each) => each !== before), pair].slice(-pairsAtMost) };
}

/** Counts of replicas that are gone go, with what was remembered of them once nothing is left. */
export function forgetPairs(state: ReplayState): ReplayState {
  const there = new Set(state.replicas.flatMap(({ replicaId, goneAtMs }) => (goneAtMs === null ? [replicaId] : [])));
  const pairs = state.pairs.filter(({ replicas }) => replicas.every((id) => there.has(id)));
  if (pairs.length === state.pairs.length) return state;
  return { ...state, pairs, seen: pairs.length === 0 ? [] : state.seen };
}

/** The largest share of inputs that a fault may hit, with 95% confidence, after none of so many differed: about 3 / n. */
export function faultAtMost(compared: number, differ: number): number | null {
  if (compared === 0 || differ > 0) return null;
  return 1 - 0.05 ** (1 / compared);
}
