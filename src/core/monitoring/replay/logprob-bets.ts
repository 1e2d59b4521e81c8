import type { FalseAlarmRate } from '../alarms/alarm-budget.ts';

/** What a replica answered to the fixed prompts in one replay: mean log probability of its tokens, prompt by prompt. */
export interface LogprobReplay {
  readonly replicaId: string;
  /** How many requests it had at the time, in powers of two: the batch moves the answers of a healthy replica too. */
  readonly bucket: number;
  readonly means: readonly number[];
}

/** The evidence against one replica. */
export interface ReplicaBets {
  readonly replicaId: string;
  /** Replays that were held against one of a peer. */
  readonly bets: number;
  /** Of each stake, since the replica is there: their mean is the e-value. */
  readonly wealth: readonly number[];
  /** Of each stake: what the promise of few false alarms gave out, times the evidence since. */
  readonly capital: readonly number[];
  readonly givenAtMs: number;
}

export interface LogprobState {
  readonly replicas: readonly ReplicaBets[];
  /** The reference: how far two healthy replicas are apart, by bucket, as a running mean of the differences before. */
  readonly scales: Readonly<Record<string, { readonly mean: number; readonly count: number }>>;
}

export const emptyLogprobs: LogprobState = { replicas: [], scales: {} };

/** Half of the stakes bet that a replica gives more, half that it gives less. */
const stakes: readonly number[] = [-0.9, -0.5, -0.2, 0.2, 0.5, 0.9];

/** `16` to `31` requests beside it are bucket 5; none is bucket 0. */
export const bucketOf = (inFlight: number): number => Math.floor(Math.log2(1 + Math.max(0, inFlight)));

/**
 * Bets on the difference of two replicas that were asked at the same moment. While both answer alike, which of the two is larger
 * is a fair coin given all that was before, whatever the spread is and however the level wanders. So each factor
 * `1 + stake * difference` has a mean of at most 1. All prompts of a replay are one bet, because what moves one of them moves
 * the others. The assumption: replicas of one release and runtime with about as many requests beside it answer a prompt with
 * the same distribution. Replays of different buckets are not held against each other.
 *
 * Alarms for the first one, and takes the capital of both.
 * @param among how many replicas share the rate. @param rate null where the contract promises none: then nothing alarms.
 */
export function betOnLogprobs(
  state: LogprobState,
  [one, peer]: readonly [LogprobReplay, LogprobReplay],
  how: { readonly rate: FalseAlarmRate | null; readonly among: number; readonly atMs: number },
): { readonly state: LogprobState; readonly alarm: boolean; readonly isBet: boolean } {
  if (one.bucket !== peer.bucket) return { state, alarm: false, isBet: false };
  const scale = state.scales[one.bucket] ?? { mean: 0, count: 0 };
  const differences = one.means.map((mean, at) => mean - (peer.means[at] ?? NaN));
  const score = meanOf(differences.map((difference) => boundedScore(difference, scale.mean)));
  const size = meanOf(differences.filter(Number.isFinite).map(Math.abs));
  const scales = { ...state.scales, [one.bucket]: addToMean(scale, size) };
  const find = (replicaId: string): ReplicaBets =>
    state.replicas.find((bets) => bets.replicaId === replicaId) ?? beginBets(replicaId, how.atMs);
  const own = placeBet(find(one.replicaId), score, how);
  const other = placeBet(find(peer.replicaId), -score, how);
  const alarm = how.rate !== null && sumOf(own.capital) >= 1;
  const kept = [own, other].map((bets) => (alarm ? { ...bets, capital: bets.capital.map(() => 0) } : bets));
  const ids = [one.replicaId, peer.replicaId];
  const others = state.replicas.filter(({ replicaId }) => !ids.includes(replicaId));
  return { state: { replicas: [...others, ...kept], scales }, alarm, isBet: true };
}

const beginBets = (replicaId: string, atMs: number): ReplicaBets => ({
  ...{ replicaId, bets: 0, givenAtMs: atMs },
  wealth: stakes.map(() => 1),
  capital: stakes.map(() => 0),
});

function placeBet(
  bets: ReplicaBets,
  score: number,
  { rate, among, atMs }: Parameters<typeof betOnLogprobs>[2],
): ReplicaBets {
  const elapsedMs = Math.max(0, atMs - bets.givenAtMs);
  const given = rate === null ? 0 : (rate.count * elapsedMs) / rate.perMs / Math.max(1, among) / stakes.length;
  const factors = stakes.map((stake) => 1 + stake * score);
  return {
    ...bets,
    bets: bets.bets + 1,
    wealth: bets.wealth.map((each, at) => Math.min(1e12, each * (factors[at] ?? 1))),
    capital: bets.capital.map((each, at) => (each + given) * (factors[at] ?? 1)),
    givenAtMs: atMs,
  };
}

/** In [-1, 1], and odd: so that the mean is 0 wherever the difference is as often above zero as below. */
function boundedScore(difference: number, scale: number): number {
  if (!Number.isFinite(difference)) return 0;
  if (scale === 0) return Math.sign(difference);
  return Math.max(-1, Math.min(1, difference / (2 * scale)));
}

/** Evidence that the replica answers otherwise than its peers: at least 1/x has a chance of at most x while it does not. */
export const eValueOf = ({ wealth }: Pick<ReplicaBets, 'wealth'>): number => sumOf(wealth) / wealth.length;

/** What is kept of replicas that are gone goes. */
export function forgetLogprobs(state: LogprobState, there: ReadonlySet<string>): LogprobState {
  return { ...state, replicas: state.replicas.filter(({ replicaId }) => there.has(replicaId)) };
}

function addToMean({ mean, count }: { readonly mean: number; readonly count: number }, value: number) {
  return { mean: mean + (value - mean) / (count + 1), count: count + 1 };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const meanOf = (values: readonly number[]): number => (values.length === 0 ? 0 : sumOf(values) / values.length);
