import { choosePair, isCompared, takeComparison, type PairAnswer } from '../../core/monitoring/replay/compare-pairs.ts';
import type { ReplayState, ReplicaReplays } from '../../core/monitoring/replay/replay-state.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import { driftSamplesAtMost } from '../../core/monitoring/samples/drift-sample.ts';
import { readGoldenSet } from '../turn/golden-set.ts';
import { compareCaptured, readCaptured, type CapturedInput } from './compare-captured.ts';
import type { GoldenWatchParts, Serving } from './golden-parts.ts';
import { waysTo } from './replay-path.ts';

/** Captured requests that are sent in one go. */
const inputsAtMost = 100;

/**
 * Sends captured requests to two replicas of one release and runtime, where their content is kept and it is time. The golden
 * set sees what its few inputs reach; these are inputs of clients. Takes half of the time that replays may take.
 */
export async function rotateCaptured(
  state: ReplayState,
  { release, replicas }: Serving,
  terms: ReplayTerms,
  parts: GoldenWatchParts,
  signal: AbortSignal,
): Promise<ReplayState> {
  const { clock, store, blobs, service, environment } = parts;
  const nowMs = clock.nowMs();
  const { everyMs, atMostShare, protocol, content } = terms;
  if (!content || protocol !== 'open-inference-v2' || release.golden === null) return state;
  if (nowMs < state.rotateAtMs && state.rotateAtMs - nowMs <= everyMs / atMostShare) return state;
  const pair = choosePair(state);
  if (pair === null) return state;
  const samples = await store.driftSamples(service, environment, driftSamplesAtMost);
  const inputs = newInputs(state, pair, samples.map(readCaptured));
  if (inputs.length === 0) return state.rotateAtMs > nowMs ? state : { ...state, rotateAtMs: nowMs + everyMs };
  const { tolerance } = await readGoldenSet(blobs, release.golden.blob, signal);
  const [a, b] = pair.map((one, at) => {
    const observed = replicas.find(({ replicaId }) => replicaId === one.replicaId);
    return observed === undefined ? [] : waysTo(parts, observed, protocol, at);
  }) as [ReturnType<typeof waysTo>, ReturnType<typeof waysTo>];
  const startedMs = clock.monotonicMs();
  const boundMs = everyMs * (atMostShare / 2);
  const answers: PairAnswer[] = [];
  let sent = 0;
  for (const input of inputs) {
    if (signal.aborted || (sent > 0 && clock.monotonicMs() - startedMs > boundMs)) break;
    sent += 1;
    const answer = await compareCaptured(input, [a, b], release.model.name, tolerance, signal);
    if (answer !== null) answers.push(answer);
  }
  const busyMs = clock.monotonicMs() - startedMs;
  const charged = chargePair(takeComparison(state, ...pair, answers), pair, sent, busyMs);
  return { ...charged, rotateAtMs: clock.nowMs() + Math.max(everyMs, busyMs / (atMostShare / 2)) };
}

/** The newest inputs that this pair has not answered yet, each once. */
function newInputs(
  state: ReplayState,
  [a, b]: readonly [ReplicaReplays, ReplicaReplays],
  read: readonly (CapturedInput | null)[],
): readonly CapturedInput[] {
  const byForm = new Map(read.flatMap((each) => (each === null ? [] : [[each.form, each] as const])));
  const fresh = [...byForm.values()].reverse().filter(({ form }) => !isCompared(state, a, b, form));
  return fresh.slice(0, inputsAtMost);
}

function chargePair(
  state: ReplayState,
  pair: readonly ReplicaReplays[],
  requests: number,
  busyMs: number,
): ReplayState {
  const ids = pair.map(({ replicaId }) => replicaId);
  return {
    ...state,
    replicas: state.replicas.map((replica) => {
      if (!ids.includes(replica.replicaId)) return replica;
      return { ...replica, requests: replica.requests + requests, busyMs: replica.busyMs + busyMs };
    }),
  };
}
