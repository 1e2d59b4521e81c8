import { brokenBudget } from '../../core/coldstart/broken-budget.ts';
import { liveStarts, mergedPhases, mostLiveStarts, type LiveStart } from '../../core/coldstart/live-starts.ts';
import {
  startDistribution,
  type ObservedStart,
  type StartDistribution,
} from '../../core/coldstart/start-distribution.ts';
import { startDepartures } from '../../core/coldstart/start-outlier.ts';
import type { ColdStartSection } from '../../core/contract/contract.ts';
import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { isToldOf, type Watch, type WatchedEvidence, type WatchedWorld, type WatchNews } from './watch.ts';

/** The starts that the cold-start evidence of the lock rests on. */
export interface StartSource {
  /** Null while there is no such evidence of what the lock pins: then there is nothing that a start could leave. */
  measured(): Promise<MeasuredPair | null>;
}

export interface MeasuredPair extends WatchedEvidence {
  readonly pair: Digest;
  /** Of the contract's tier. */
  readonly starts: readonly ObservedStart[];
  readonly coldStart: ColdStartSection;
}

export interface StartWatchParts {
  readonly source: StartSource;
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  readonly clock: Clock;
}

/** The lock is read so often while no start is to be compared: somebody may have measured meanwhile. */
const quietEveryMs = 10_000;
const nothing = (): void => undefined;

/** Several events a replica; read only when a start ended. */
const eventsPerStart = 6;

/**
 * Compares each start of a replica with the starts that were measured of its pair, when it ends and while it lasts. The tier of a
 * live start is not known: a faster tier than the measured one never leaves the distribution, a slower one does, and rightly so.
 * What was told is asked of the store, so that a restart tells nothing twice.
 */
export class StartWatch implements Watch {
  readonly subject = 'starts';
  readonly #parts: StartWatchParts;
  /** Starts that need no further look: ended, and compared. */
  readonly #compared = new Set<string>();
  #told: Set<string> | null = null;
  #distribution: StartDistribution | null = null;
  /** Of the evidence that was last looked at, its news recorded. */
  #measuredAtMs: number | null = null;
  #readMs = -Infinity;
  /** What the last look settles once its news are recorded. */
  #settle: () => void = nothing;

  constructor(parts: StartWatchParts) {
    this.#parts = parts;
  }

  /** Of the measured pair: the starts of its evidence and those that were seen since; null while none were measured. */
  distribution(): StartDistribution | null {
    return this.#distribution;
  }

  /** Looks while a start is new or under way; else it reads the evidence now and then. */
  async look({ replicas }: WatchedWorld): Promise<readonly WatchNews[]> {
    this.#settle = nothing;
    // What was made of a spare starts in another time than what was measured.
    const open = replicas.filter(({ replicaId, spare }) => !this.#compared.has(replicaId) && spare === undefined);
    const sinceMs = this.#parts.clock.monotonicMs() - this.#readMs;
    const everyMs = open.length === 0 || this.#distribution === null ? quietEveryMs : 0;
    if (sinceMs < everyMs) return [];
    this.#readMs = this.#parts.clock.monotonicMs();
    const measured = await this.#parts.source.measured();
    if (measured === null) {
      this.#distribution = null;
      return [];
    }
    const present = new Set(replicas.map(({ replicaId }) => replicaId));
    for (const replicaId of this.#compared) if (!present.has(replicaId)) this.#compared.delete(replicaId);
    return this.#compare(measured, open);
  }

  recorded(): void {
    this.#settle();
  }

  async #compare(measured: MeasuredPair, open: readonly ObservedReplica[]): Promise<readonly WatchNews[]> {
    const nowMs = this.#parts.clock.nowMs();
    const told = (this.#told ??= await this.#readTold());
    const ended = open.filter(isEnded);
    const news = open
      .filter(({ replicaId, pair }) => pair === measured.pair && !told.has(replicaId))
      .flatMap((replica) => outlierNews(replica, measured, nowMs));
    const isNew = this.#distribution === null || this.#measuredAtMs !== measured.measuredAtMs;
    const broken = isNew || ended.length > 0 ? await this.#lookAtBudget(measured, nowMs) : [];
    this.#settle = () => {
      this.#measuredAtMs = measured.measuredAtMs;
      for (const { replicaId } of news) told.add(replicaId);
      for (const { replicaId } of ended) this.#compared.add(replicaId);
    };
    return [...news, ...broken];
  }

  /** Starts since the evidence was measured: it is they that may show that it no longer holds. */
  async #lookAtBudget(measured: MeasuredPair, nowMs: number): Promise<readonly WatchNews[]> {
    const { store, service, environment } = this.#parts;
    const query = { service, environment, kindPrefix: 'replica.', last: mostLiveStarts * eventsPerStart };
    const all = liveStarts(await store.events(query), measured.pair, nowMs);
    const since = all.filter(({ startedAtMs }) => startedAtMs >= measured.measuredAtMs);
    this.#distribution = startDistribution([...measured.starts, ...since]);
    const reason = brokenBudget(since, measured.coldStart);
    if (reason === null) return [];
    const known = await store.invalidations(service, environment);
    const news = brokenNews(reason, since, measured, environment, nowMs);
    const isTold = known.some((one) => one.kind === news.invalidation.kind && isToldOf(one, measured, nowMs));
    return isTold ? [] : [news];
  }

  async #readTold(): Promise<Set<string>> {
    const { store, service, environment } = this.#parts;
    const events = await store.events({ service, environment, kindPrefix: 'start.outlier', last: mostLiveStarts });
    return new Set(events.flatMap((event) => (event.kind === 'start.outlier' ? (event.data.replicaId ?? []) : [])));
  }
}

const isEnded = ({ readyAtMs, state }: ObservedReplica): boolean =>
  readyAtMs !== null || state === 'failed' || state === 'stopped' || state === 'draining';

function outlierNews(
  replica: ObservedReplica,
  measured: MeasuredPair,
  nowMs: number,
): readonly (WatchNews & { readonly replicaId: string })[] {
  const { replicaId, release, startedAtMs, readyAtMs, node } = replica;
  if (readyAtMs === null && isEnded(replica)) return [];
  const start: ObservedStart = {
    totalMs: Math.max(0, (readyAtMs ?? nowMs) - startedAtMs),
    outcome: readyAtMs === null ? 'running' : 'ready',
    phases: readyAtMs === null ? [] : mergedPhases(replica.phases),
  };
  const departures = startDepartures(start, measured.starts);
  if (departures.length === 0) return [];
  const reasons = departures.map(({ reason }) => reason).join('; ');
  const summary = `The start of replica ${replicaId} of release ${release} leaves what was measured: ${reasons}`;
  const data = { replicaId, release, node, totalMs: start.totalMs, outcome: start.outcome, departures };
  return [{ replicaId, invalidation: null, event: { kind: 'start.outlier', summary, data } }];
}

function brokenNews(
  reason: string,
  starts: readonly LiveStart[],
  { evidence, remedy, coldStart }: MeasuredPair,
  environment: string,
  atMs: number,
): WatchNews & { readonly invalidation: Invalidation } {
  return {
    invalidation: invalidationBy('start.budget-broken', { environment, reason, remedy, atMs, evidence }),
    event: {
      kind: 'start.budget-broken',
      summary: `The cold-start budget is broken: ${reason}; next: ${remedy}`,
      data: { reason, budget: coldStart.budget, starts: starts.length },
    },
  };
}
