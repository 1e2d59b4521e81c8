import type { TriageAnswer } from '../triage/answer.ts';
import type { Change, Observations, ReplicaGolden } from '../triage/observations.ts';
import { findLeftEverywhere, type LeftEverywhere } from './replay-everywhere.ts';
import { replaysThatCount, type ReplayOutcome, type ReplayState, type ReplicaReplays } from './replay-state.ts';
import type { ReplayTerms } from './replay-terms.ts';
import { waitMs } from './schedule.ts';

/** Of each replica. */
export const recentAtMost = 10;

export type ReplayNews =
  | { readonly kind: 'diverged'; readonly replica: ReplicaReplays; readonly reason: string }
  | { readonly kind: 'agrees'; readonly replica: ReplicaReplays; readonly because: 'passes again' | 'is gone' }
  | ({ readonly kind: 'left-everywhere' } & LeftEverywhere);

/** The state after one replay. One that said nothing leaves what was told as it is. */
export function takeReplay(
  state: ReplayState,
  replicaId: string,
  outcome: ReplayOutcome,
  schedule: Pick<ReplayTerms, 'everyMs' | 'atMostShare'>,
): ReplayState {
  return {
    ...state,
    replicas: state.replicas.map((replica) =>
      replica.replicaId === replicaId ? addOutcome(replica, outcome, schedule) : replica,
    ),
  };
}

function addOutcome(
  replica: ReplicaReplays,
  outcome: ReplayOutcome,
  schedule: Pick<ReplayTerms, 'everyMs' | 'atMostShare'>,
): ReplicaReplays {
  const { verdict, replays, requests, busyMs, atMs } = outcome;
  const recent = [...replica.recent, outcome].slice(-recentAtMost);
  const isSame = verdict === replica.verdict && replica.inARow > 0;
  return {
    ...replica,
    recent,
    passed: replica.passed + (verdict === 'pass' ? 1 : 0),
    failed: replica.failed + (verdict === 'fail' ? 1 : 0),
    unknown: replica.unknown + (verdict === 'unknown' ? 1 : 0),
    requests: replica.requests + requests,
    busyMs: replica.busyMs + busyMs,
    verdict,
    inARow: isSame ? replica.inARow + replays : replays,
    sinceMs: isSame ? replica.sinceMs : atMs,
    dueAtMs: atMs + waitMs({ recent }, schedule),
  };
}

/** What is to be told, and the state in which it was. */
export function tellReplays(
  state: ReplayState,
  nowMs: number,
): { readonly state: ReplayState; readonly news: readonly ReplayNews[] } {
  const news: ReplayNews[] = [];
  const replicas = state.replicas.map((replica): ReplicaReplays => {
    const { divergedAtMs, verdict, inARow, goneAtMs, recent } = replica;
    if (divergedAtMs === null) {
      if (goneAtMs !== null || verdict !== 'fail' || inARow < replaysThatCount) return replica;
      const told = { ...replica, divergedAtMs: nowMs };
      news.push({ kind: 'diverged', replica: told, reason: recent.at(-1)?.reason ?? '' });
      return told;
    }
    if (goneAtMs === null && verdict !== 'pass') return replica;
    const { diagnosis: _, remedied: __, ...rest } = replica;
    const told = { ...rest, divergedAtMs: null };
    news.push({ kind: 'agrees', replica: told, because: goneAtMs === null ? 'passes again' : 'is gone' });
    return told;
  });
  const { leftEverywhere: told, ...rest } = state;
  const everywhere = findLeftEverywhere({ replicas });
  if (everywhere !== null && told !== true) news.push({ kind: 'left-everywhere', ...everywhere });
  // What is not known meanwhile ends nothing.
  const isOver = replicas.some(({ goneAtMs, verdict }) => goneAtMs === null && verdict === 'pass');
  const isTold = everywhere !== null || (told === true && !isOver);
  return { state: { ...rest, ...(isTold ? { leftEverywhere: true } : {}), replicas }, news };
}

/** Each replica that is there, as triage reads it. */
export function goldenOf({ replicas }: ReplayState): readonly ReplicaGolden[] {
  return replicas
    .filter(({ goneAtMs }) => goneAtMs === null)
    .map(({ replicaId, release, node, deviceClass, fingerprint, verdict, inARow, recent }) => ({
      ...{ replicaId, release, node, deviceClass, fingerprint, verdict },
      ...{ replays: inARow, atMs: recent.at(-1)?.atMs ?? 0 },
    }));
}

/** What triage is asked with where nothing but golden replays was looked at. */
export function observeReplays(state: ReplayState, changes: readonly Change[], nowMs: number): Observations {
  const failing = state.replicas.filter(({ divergedAtMs, goneAtMs }) => divergedAtMs !== null && goneAtMs === null);
  const fromMs = Math.min(nowMs, ...failing.map(lastPassMs));
  return {
    onset: { fromMs, toMs: Math.min(nowMs, ...failing.map(({ sinceMs }) => sinceMs)) },
    golden: goldenOf(state),
    replicas: { verdict: 'unknown' },
    releases: { verdict: 'unknown' },
    inputs: { verdict: 'unknown', features: [] },
    outputs: { verdict: 'unknown', features: [] },
    quality: { verdict: 'unknown' },
    traffic: { verdict: 'unknown', arm: null, shares: 'unknown' },
    files: [],
    nodeEvents: [],
    changes,
  };
}

/** When the replica last reproduced its golden set, as far as that is remembered. */
function lastPassMs({ recent, sinceMs }: ReplicaReplays): number {
  return recent.findLast(({ verdict }) => verdict === 'pass')?.atMs ?? sinceMs;
}

/** The state with what triage says of the replicas that diverged. */
export const withAnswer = (state: ReplayState, diagnosis: TriageAnswer): ReplayState => ({
  ...state,
  replicas: state.replicas.map((replica) => (replica.divergedAtMs === null ? replica : { ...replica, diagnosis })),
});
