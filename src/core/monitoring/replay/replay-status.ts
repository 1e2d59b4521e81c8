import { eValueOf, type ReplicaBets } from './logprob-bets.ts';
import { faultAtMost } from './compare-pairs.ts';
import type { PairCount, ReplayState, ReplicaReplays } from './replay-state.ts';
import type { ReplayTerms } from './replay-terms.ts';

/** How the scheduled replays of a service stand, for people and programs. */
export interface ReplayStatus {
  readonly release: number;
  readonly everyMs: number;
  readonly atMostShare: number;
  readonly replicas: readonly ReplayedStatus[];
  readonly pairs: readonly (PairCount & {
    /** The largest share of inputs that a fault may hit (95%); null where something differed. */
    readonly faultAtMostShare: number | null;
  })[];
  /** Why no captured requests are compared; null where they are. */
  readonly notCompared: string | null;
}

export interface ReplayedStatus extends ReplicaReplays {
  readonly eValue: number | null;
  readonly logprobBets: number;
}

/** Gone replicas stand at the end, the newest first: their nodes are still of interest. */
export function replayStatus(state: ReplayState, terms: ReplayTerms): ReplayStatus {
  const there = state.replicas.filter(({ goneAtMs }) => goneAtMs === null);
  const gone = state.replicas.filter(({ goneAtMs }) => goneAtMs !== null).reverse();
  return {
    release: terms.release,
    everyMs: terms.everyMs,
    atMostShare: terms.atMostShare,
    replicas: [...there, ...gone].map((replica) => withBets(replica, state.text?.replicas ?? [])),
    pairs: state.pairs.map((pair) => ({ ...pair, faultAtMostShare: faultAtMost(pair.compared, pair.differ) })),
    notCompared: whyNotCompared(terms, there.length),
  };
}

function withBets(replica: ReplicaReplays, bets: readonly ReplicaBets[]): ReplayedStatus {
  const found = bets.find(({ replicaId }) => replicaId === replica.replicaId);
  return { ...replica, eValue: found === undefined ? null : eValueOf(found), logprobBets: found?.bets ?? 0 };
}

function whyNotCompared({ protocol, content }: ReplayTerms, replicas: number): string | null {
  if (protocol === 'openai')
    return 'answers in text differ between healthy replicas; their log probabilities are compared';
  if (!content) return 'the contract does not keep the content of captured requests (`monitoring.capture.content`)';
  return replicas < 2 ? 'that takes two replicas' : null;
}

/** `0 of 1,200 distinct inputs differ: a fault hits at most 0.25% of inputs (95%)`. */
export function describePair({ compared, differ, example }: PairCount): string {
  const counts = `${differ.toLocaleString('en')} of ${compared.toLocaleString('en')} distinct inputs differ`;
  const share = faultAtMost(compared, differ);
  if (share !== null) return `${counts}: a fault hits at most ${Number((100 * share).toPrecision(2))}% of inputs (95%)`;
  const newest = example === null ? counts : `${counts}; the newest: ${example}`;
  return differ === 0 ? newest : `${newest}. ${pairFinding}`;
}

/** Both run the same, so that one of them is wrong; which of them a comparison of two does not tell. */
export const pairFinding =
  'Finding: one of them at least is off for requests that the golden set does not cover. Two do not tell which: run a third replica; then take the one that is off out of traffic: plimsoll drift isolate REPLICA --reason TEXT';
