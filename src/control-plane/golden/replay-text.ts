import { emptyLogprobs, betOnLogprobs, bucketOf, eValueOf } from '../../core/monitoring/replay/logprob-bets.ts';
import type { ReplayOutcome, ReplayState, ReplicaReplays } from '../../core/monitoring/replay/replay-state.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ReplicaWay } from './replay-path.ts';

/** Short and about nothing: what counts is how sure the model is of its first words. */
const prompts: readonly string[] = [
  'Count: one, two, three,',
  'The capital of France is',
  'def add(a, b): return',
  'Water boils at a temperature of',
];
const tokensAtMost = 2;
const promptTimeoutMs = 30_000;

export interface TextSide {
  readonly replica: ReplicaReplays;
  readonly ways: readonly ReplicaWay[];
  /** Requests that it has now. */
  readonly inFlight: number;
}

/** Both are asked at the same moment: what moves the service then moves both. Null where there is no peer. */
export async function replayText(
  state: ReplayState,
  one: TextSide,
  peer: TextSide | null,
  { model, terms }: { readonly model: string; readonly terms: ReplayTerms },
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly state: ReplayState; readonly outcome: ReplayOutcome }> {
  const atMs = clock.nowMs();
  const silent = { verdict: 'unknown', replays: 0, path: 'direct', requests: 0, busyMs: 0 } as const;
  // What was taken for an alarm is gone, but the replica is the same: it stays told off until it is another.
  if (one.replica.divergedAtMs !== null) {
    const { reason = '', path: told = 'direct' } =
      one.replica.recent.findLast(({ verdict }) => verdict === 'fail') ?? {};
    return { state, outcome: { ...silent, atMs, verdict: 'fail', replays: 1, path: told, reason } };
  }
  if (peer === null) {
    return { state, outcome: { ...silent, atMs, reason: 'there is no other replica to ask at the same moment' } };
  }
  const startedMs = clock.monotonicMs();
  const [read, other] = await Promise.all([one, peer].map(({ ways }) => readLogprobs(ways, model, signal)));
  const busyMs = clock.monotonicMs() - startedMs;
  const { path = 'direct', requests = 0 } = read ?? {};
  const took = { ...silent, path, requests, busyMs, atMs: clock.nowMs() };
  const charged = charge(state, peer.replica.replicaId, other?.requests ?? 0, busyMs);
  if (read?.means === null || read === undefined || other === undefined || other.means === null) {
    return { state: charged, outcome: { ...took, reason: read?.reason || other?.reason || '' } };
  }
  const sides = [
    { replicaId: one.replica.replicaId, bucket: bucketOf(one.inFlight), means: read.means },
    { replicaId: peer.replica.replicaId, bucket: bucketOf(peer.inFlight), means: other.means },
  ] as const;
  const among = state.replicas.filter(({ goneAtMs }) => goneAtMs === null).length;
  const how = { rate: terms.rate, among, atMs: took.atMs };
  const { state: text, alarm, isBet } = betOnLogprobs(state.text ?? emptyLogprobs, sides, how);
  const next = { ...charged, text };
  if (!isBet) {
    const reason = 'the replicas had other numbers of requests beside it, and are not compared';
    return { state: next, outcome: { ...took, reason } };
  }
  if (!alarm) return { state: next, outcome: { ...took, verdict: 'pass', replays: 1, reason: '' } };
  const bets = text.replicas.find(({ replicaId }) => replicaId === one.replica.replicaId);
  const which = among === 2 ? '; with two replicas nothing tells which of them it is' : '';
  const reason = `the log probabilities of fixed prompts differ from those of its peers (e-value ${eValueText(bets)}${which})`;
  return { state: next, outcome: { ...took, verdict: 'fail', replays: 2, reason } };
}

/** The other replica of one kind that was held against others least; null where there is none. */
export function choosePeer({ replicas, text }: ReplayState, one: ReplicaReplays): ReplicaReplays | null {
  const betsOf = ({ replicaId }: ReplicaReplays): number =>
    text?.replicas.find((bets) => bets.replicaId === replicaId)?.bets ?? 0;
  const peers = replicas.filter((other) => {
    const isThere = other.replicaId !== one.replicaId && other.goneAtMs === null && other.divergedAtMs === null;
    return isThere && other.release === one.release && other.fingerprint === one.fingerprint;
  });
  const [first = null] = [...peers].sort((a, b) => betsOf(a) - betsOf(b));
  return first;
}

const charge = (state: ReplayState, replicaId: string, requests: number, busyMs: number): ReplayState => ({
  ...state,
  replicas: state.replicas.map((replica) =>
    replica.replicaId === replicaId
      ? { ...replica, requests: replica.requests + requests, busyMs: replica.busyMs + busyMs }
      : replica,
  ),
});

const eValueText = (bets: Parameters<typeof eValueOf>[0] | undefined): string =>
  bets === undefined ? 'unknown' : String(Number(eValueOf(bets).toPrecision(3)));

async function readLogprobs(ways: readonly ReplicaWay[], model: string, signal: AbortSignal) {
  let requests = 0;
  let problem = { path: 'direct' as ReplicaWay['path'], reason: 'no way leads to the replica' };
  for (const { client, endpoint, path } of ways) {
    const means: number[] = [];
    try {
      for (const content of prompts) {
        requests += 1;
        const request = { model, messages: [{ role: 'user', content }], tokensAtMost };
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(promptTimeoutMs)]);
        means.push(await client.meanLogprob(endpoint, request, bounded));
      }
      return { means, path, requests, reason: '' };
    } catch (thrown) {
      problem = { path, reason: asPlimsollError(thrown).message };
    }
  }
  return { means: null, requests, ...problem };
}
