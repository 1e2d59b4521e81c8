import { forgetPairs } from '../../core/monitoring/replay/compare-pairs.ts';
import { forgetLogprobs } from '../../core/monitoring/replay/logprob-bets.ts';
import {
  emptyReplays,
  type ReplayedReplica,
  type ReplayState,
  type ReplicaReplays,
} from '../../core/monitoring/replay/replay-state.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import { dueReplicas, seeReplicas } from '../../core/monitoring/replay/schedule.ts';
import { goldenOf, takeReplay, tellReplays, withAnswer } from '../../core/monitoring/replay/take-replay.ts';
import type { ReplicaGolden } from '../../core/monitoring/triage/observations.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Release } from '../../core/rollout/release.ts';
import { readGoldenSet } from '../turn/golden-set.ts';
import type { GoldenWatchParts, Serving } from './golden-parts.ts';
import { actOnReplays, isUndecided, triageReplays } from './golden-triage.ts';
import { describeNews, invalidationOf } from './replay-news.ts';
import { replayOnce } from './replay-once.ts';
import { waysTo } from './replay-path.ts';
import { choosePeer, replayText } from './replay-text.ts';
import { rotateCaptured } from './rotate-captured.ts';

/** With an alarm open, a replay that is not older than this is taken for what is there now. */
const freshMs = 10_000;
const schedule = ({ everyMs, atMostShare, content, protocol }: ReplayTerms) => ({
  everyMs,
  // The other half is for captured requests, or for replicas that are asked beside another.
  atMostShare: content || protocol === 'openai' ? atMostShare / 2 : atMostShare,
});
const nowhere: ReplayTerms['place'] = { deviceClass: null, driver: null, fingerprint: null };
/** Of replays that somebody asked for, while no schedule holds. */
const asked = { everyMs: 3_600_000, atMostShare: 1 };

/**
 * Replays the golden set on each replica of the live release, now and then, one replica at a time. A replica that fails is
 * told off, with what triage says of it; its requests go on. Nothing here stops the data path.
 */
export class GoldenWatch {
  readonly #parts: GoldenWatchParts;
  /** As it is in the store; null until it was read. */
  #state: ReplayState | null = null;
  #turn = 0;
  #working: Promise<unknown> | null = null;

  constructor(parts: GoldenWatchParts) {
    this.#parts = parts;
  }

  /** Called after each turn. Never rejects: what fails is told in the log, and tried again. */
  async look(replicas: readonly ObservedReplica[], signal: AbortSignal): Promise<void> {
    if (this.#working !== null) return;
    await this.#alone(async () => {
      const terms = this.#parts.terms();
      if (terms === null || terms === undefined) return;
      const serving = await this.#serving(terms.release, replicas);
      if (serving !== null) await this.#follow(serving, terms, signal);
    }).catch((thrown: unknown) => {
      this.#state = null;
      if (!signal.aborted) this.#parts.log.warn({ err: thrown }, 'a golden replay failed; it is tried again');
    });
  }

  /** The newest replays of all replicas of a release, made now where they are older than some seconds. */
  async replayNow(
    release: Release,
    replicas: readonly ObservedReplica[],
    signal: AbortSignal,
  ): Promise<readonly ReplicaGolden[]> {
    while (this.#working !== null) await this.#working.catch(() => undefined);
    return this.#alone(async () => {
      const serving = { release, replicas: servingOf(release, replicas) };
      const terms = this.#parts.terms() ?? null;
      let state = this.#see(await this.#read(), serving, terms);
      if (release.golden === null && terms?.protocol !== 'openai') return goldenOf(state);
      state = await this.#replayStale(state, serving, terms, this.#parts.clock.nowMs() - freshMs, signal);
      // Whoever asks for an alarm acts on it.
      return goldenOf(await this.#tellAndRecord(state, serving, signal));
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    this.#working = working;
    try {
      return await working;
    } finally {
      this.#working = null;
    }
  }

  async #serving(number: number, replicas: readonly ObservedReplica[]): Promise<Serving | null> {
    const { store, service, environment } = this.#parts;
    const release = await store.release(service, environment, number);
    return release === null ? null : { release, replicas: servingOf(release, replicas) };
  }

  async #follow(serving: Serving, terms: ReplayTerms, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const before = await this.#read();
    const seen = this.#see(before, serving, terms);
    const [due] = dueReplicas(seen, schedule(terms), clock.nowMs());
    const canReplay = serving.release.golden !== null || terms.protocol === 'openai';
    let state = seen;
    if (due !== undefined && canReplay) {
      state = await this.#replay(seen, due, serving, terms, signal);
      const [fresh] = tellReplays(state, clock.nowMs()).news;
      // Its peers say whose fault it is.
      if (fresh?.kind === 'diverged') {
        state = await this.#replayStale(state, serving, terms, fresh.replica.sinceMs, signal);
      }
      state = await this.#tellAndRecord(state, serving, signal, terms);
    }
    const rotated = await rotateCaptured(state, serving, terms, this.#parts, signal);
    const isMoved = rotated !== state || (state === seen && membersOf(seen) !== membersOf(before));
    if (isMoved || isUndecided(rotated, terms.onAlarm)) {
      await this.#tellAndRecord(rotated, serving, signal, terms);
    }
  }

  #see(state: ReplayState, { replicas }: Serving, terms: ReplayTerms | null): ReplayState {
    const place = terms?.place ?? nowhere;
    const there = replicas.map(({ replicaId, release, node }): ReplayedReplica => {
      return { replicaId, release, node, ...place };
    });
    const plan = terms === null ? asked : schedule(terms);
    const seen = forgetPairs(seeReplicas(state, there, plan, this.#parts.clock.nowMs()));
    const ids = new Set(there.map(({ replicaId }) => replicaId));
    return seen.text === undefined ? seen : { ...seen, text: forgetLogprobs(seen.text, ids) };
  }

  /** Replays on those whose newest replay ended before `sinceMs`. */
  async #replayStale(
    state: ReplayState,
    serving: Serving,
    terms: ReplayTerms | null,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<ReplayState> {
    let next = state;
    for (const replica of state.replicas) {
      const isStale = replica.goneAtMs === null && (replica.recent.at(-1)?.atMs ?? -Infinity) < sinceMs;
      if (isStale && !signal.aborted) next = await this.#replay(next, replica, serving, terms, signal);
    }
    return next;
  }

  async #replay(
    state: ReplayState,
    replica: ReplicaReplays,
    { release, replicas }: Serving,
    terms: ReplayTerms | null,
    signal: AbortSignal,
  ): Promise<ReplayState> {
    const { blobs, clock } = this.#parts;
    const observed = replicas.find(({ replicaId }) => replicaId === replica.replicaId);
    if (observed === undefined) return state;
    const protocol = release.code.section.protocol;
    this.#turn += 1;
    const ways = waysTo(this.#parts, observed, protocol, this.#turn);
    const plan = terms === null ? asked : schedule(terms);
    const model = release.model.name;
    if (protocol === 'openai' && terms !== null) {
      const peer = choosePeer(state, replica);
      const other = replicas.find(({ replicaId }) => replicaId === peer?.replicaId);
      const sideOf = (each: ReplicaReplays, seen: ObservedReplica) => ({
        ...{ replica: each, ways: waysTo(this.#parts, seen, protocol, this.#turn) },
        inFlight: this.#parts.inFlight(each.replicaId),
      });
      const beside = peer === null || other === undefined ? null : sideOf(peer, other);
      const said = await replayText(state, sideOf(replica, observed), beside, { model, terms }, clock, signal);
      signal.throwIfAborted();
      return takeReplay(said.state, replica.replicaId, said.outcome, plan);
    }
    if (release.golden === null) return state;
    const golden = await readGoldenSet(blobs, release.golden.blob, signal);
    const outcome = await replayOnce(ways, model, golden, clock, signal);
    signal.throwIfAborted();
    return takeReplay(state, replica.replicaId, outcome, plan);
  }

  /** What is told and what it is told by are written together: a kill tells nothing twice, and nothing never. */
  async #tellAndRecord(
    state: ReplayState,
    serving: Serving,
    signal: AbortSignal,
    acting: ReplayTerms | null = null,
  ): Promise<ReplayState> {
    const { store, service, environment, clock, fence } = this.#parts;
    const nowMs = clock.nowMs();
    const { release } = serving;
    const { state: told, news: all } = tellReplays(state, nowMs);
    // Log probabilities are of no pinned answers.
    const news = all.filter(({ kind }) => kind !== 'left-everywhere' || release.golden !== null);
    const answer = await triageReplays(this.#parts, told, serving, signal);
    const answered = answer === null ? told : withAnswer(told, answer);
    const next = await store.transaction(fence(), async (tx) => {
      const acted = await actOnReplays(tx, this.#parts, answered, serving.replicas, acting?.onAlarm);
      await tx.setReplayState(service, environment, acted);
      for (const each of news) {
        const invalidation = invalidationOf(each, environment, answer, nowMs, this.#parts.measured?.());
        if (invalidation !== null) await tx.addInvalidation(service, invalidation);
        await tx.appendEvent({
          service,
          environment,
          by: 'watch',
          atMs: nowMs,
          ...describeNews(each, release, answer),
        });
      }
      return acted;
    });
    this.#state = next;
    if (news.length > 0 || next !== answered) this.#parts.recorded();
    return next;
  }

  async #read(): Promise<ReplayState> {
    const { store, service, environment } = this.#parts;
    this.#state ??= (await store.replayState(service, environment)) ?? emptyReplays;
    return this.#state;
  }
}

const servingOf = ({ pair }: Release, replicas: readonly ObservedReplica[]): readonly ObservedReplica[] =>
  replicas.filter((replica) => replica.state === 'ready' && replica.pair === pair && replica.endpoint !== null);

const membersOf = ({ replicas }: ReplayState): string =>
  replicas.map(({ replicaId, release, goneAtMs }) => `${replicaId} ${release} ${goneAtMs}`).join('\n');
