import type { GoldenDeviation, GoldenOffence } from '../../core/monitoring/golden-comparison.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import type { NeededReplay } from '../../core/rollout/deployment/needed-replays.ts';
import type { GoldenRejection } from '../../core/rollout/deployment/rollout-state.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ReadIdentity } from '../../ports/serving/replica-identity.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import { IdentityBook } from './identity-book.ts';
import { replayGoldenSet, type ReplayOutcome } from './golden-replay.ts';
import { readGoldenSet } from './golden-set.ts';

export interface ReplayPassed {
  readonly replay: NeededReplay;
  readonly cases: number;
  readonly largest: GoldenDeviation | null;
  readonly tookMs: number;
  /** Fingerprint of what it runs with; absent where it is not known. */
  readonly runtime?: string;
}
export interface ReplayRejected extends GoldenRejection {
  readonly replay: NeededReplay;
  readonly offence: GoldenOffence | null;
}

const atOnce = 4;
const retryFirstMs = 500;
const retryMostMs = 10_000;
/** A rejected replica that stays is asked again after this long: what it runs on may have been mended. */
const askAgainMs = 60_000;

interface Attempt {
  readonly replicaId: string;
  failures: number;
  notBeforeMs: number;
  running: boolean;
  reason: string;
}

/**
 * Replays golden sets beside the reconciliation, a bounded number at a time. The reconciler takes the results at its
 * next turn and records them; nothing here writes.
 */
export class AdmissionRunner {
  readonly #clientFor: (protocol: Protocol) => ReplicaClient;
  readonly #blobs: Blobs;
  readonly #clock: Clock;
  readonly #inspector: ReplicaInspector | undefined;
  /** What replicas told of themselves. */
  readonly identities: IdentityBook;
  readonly #finished: () => void;
  readonly #attempts = new Map<string, Attempt>();
  readonly #rejections = new Map<string, ReplayRejected>();
  #passed: ReplayPassed[] = [];
  #newlyRejected: ReplayRejected[] = [];

  constructor(parts: {
    replicaClientFor(protocol: Protocol): ReplicaClient;
    blobs: Blobs;
    clock: Clock;
    inspector?: ReplicaInspector;
    identityOf?: ReadIdentity;
    finished: () => void;
  }) {
    this.#clientFor = (protocol) => parts.replicaClientFor(protocol);
    this.#blobs = parts.blobs;
    this.#clock = parts.clock;
    this.#inspector = parts.inspector;
    this.identities = new IdentityBook(parts.identityOf);
    this.#finished = parts.finished;
  }

  rejections(): readonly GoldenRejection[] {
    return [...this.#rejections.values()];
  }

  /** Why a replica that is ready is not admitted yet, where a replay did not get through. */
  waitingReasons(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#attempts.values()]
        .filter((attempt) => attempt.reason !== '')
        .map((attempt) => [attempt.replicaId, attempt.reason]),
    );
  }

  /** Results since the last call. A result that could not be recorded comes again by being replayed again. */
  takeResults(): { readonly passed: readonly ReplayPassed[]; readonly rejected: readonly ReplayRejected[] } {
    const results = { passed: this.#passed, rejected: this.#newlyRejected };
    this.#passed = [];
    this.#newlyRejected = [];
    return results;
  }

  /** Begins what is owed and not under way; forgets replicas that are gone. */
  consider(needed: readonly NeededReplay[], present: ReadonlySet<string>, signal: AbortSignal): void {
    for (const [key, attempt] of this.#attempts) if (!present.has(attempt.replicaId)) this.#attempts.delete(key);
    for (const id of this.#rejections.keys()) if (!present.has(id)) this.#rejections.delete(id);
    for (const replay of needed) {
      if (this.#running() >= atOnce) return;
      const attempt = this.#attempts.get(attemptKey(replay));
      if (attempt?.running === true || this.#clock.monotonicMs() < (attempt?.notBeforeMs ?? 0)) continue;
      const waiting = this.#passed.some((result) => result.replay.replicaId === replay.replicaId);
      if (!waiting) void this.#run(replay, attempt?.failures ?? 0, signal);
    }
  }

  #running(): number {
    return [...this.#attempts.values()].filter((attempt) => attempt.running).length;
  }

  async #run(replay: NeededReplay, failures: number, signal: AbortSignal): Promise<void> {
    const attempt: Attempt = {
      replicaId: replay.replicaId,
      failures,
      notBeforeMs: 0,
      running: true,
      reason: '',
    };
    this.#attempts.set(attemptKey(replay), attempt);
    const startedMs = this.#clock.monotonicMs();
    const outcome = await this.#replayIdentified(replay, signal);
    const runtime = outcome.outcome === 'reproduced' ? await this.#runtimeOf(replay, signal) : null;
    attempt.running = false;
    if (signal.aborted) return;
    const nowMs = this.#clock.monotonicMs();
    switch (outcome.outcome) {
      case 'reproduced':
        this.#rejections.delete(replay.replicaId);
        this.#passed.push({
          replay,
          cases: outcome.cases,
          largest: outcome.comparison.largest,
          tookMs: nowMs - startedMs,
          ...(runtime === null ? {} : { runtime }),
        });
        break;
      case 'rejected':
        this.#reject(replay, outcome.reason, outcome.comparison?.offence ?? null);
        attempt.notBeforeMs = nowMs + askAgainMs;
        break;
      case 'unreachable':
        attempt.failures += 1;
        attempt.reason = outcome.reason;
        attempt.notBeforeMs = nowMs + Math.min(retryMostMs, retryFirstMs * 2 ** Math.min(10, failures));
        break;
    }
    this.#finished();
  }

  /** It has answered its golden set by now, so that all that computes in it is loaded. Nothing waits for one that is not known. */
  async #runtimeOf({ replicaId }: NeededReplay, signal: AbortSignal): Promise<string | null> {
    try {
      return (await this.#inspector?.runtimeOf(replicaId, signal)) ?? null;
    } catch {
      return null;
    }
  }

  #reject(replay: NeededReplay, reason: string, offence: GoldenOffence | null): void {
    const rejected = { replicaId: replay.replicaId, golden: replay.golden, reason, replay, offence };
    const before = this.#rejections.get(replay.replicaId);
    this.#rejections.set(replay.replicaId, rejected);
    if (before?.golden !== replay.golden || before.reason !== reason) this.#newlyRejected.push(rejected);
  }

  /** What answered the golden set was the replica, and the same start of it, from the first input to the last. */
  async #replayIdentified(replay: NeededReplay, signal: AbortSignal): Promise<ReplayOutcome> {
    try {
      const before = await this.identities.ask(replay, signal);
      const outcome = await this.#replay(replay, signal);
      if (outcome.outcome !== 'reproduced') return outcome;
      if ((await this.identities.ask(replay, signal)) !== before)
        return {
          outcome: 'unreachable',
          reason: `${replay.replicaId} started again while its golden set was replayed`,
        };
      this.identities.keep(replay.replicaId, before);
      return outcome;
    } catch (thrown) {
      return { outcome: 'unreachable', reason: asPlimsollError(thrown).message };
    }
  }

  async #replay(replay: NeededReplay, signal: AbortSignal): Promise<ReplayOutcome> {
    if (replay.golden === null) {
      return { outcome: 'reproduced', cases: 0, comparison: { verdict: 'pass', offence: null, largest: null } };
    }
    try {
      const golden = await readGoldenSet(this.#blobs, replay.golden, signal);
      return await replayGoldenSet(this.#clientFor(replay.protocol), replay, golden, signal);
    } catch (thrown) {
      return { outcome: 'unreachable', reason: asPlimsollError(thrown).message };
    }
  }
}

function attemptKey(replay: NeededReplay): string {
  return `${replay.replicaId} ${replay.golden}`;
}
