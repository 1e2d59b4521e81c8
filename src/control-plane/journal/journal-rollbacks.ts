import type { Release } from '../../core/rollout/release.ts';
import type { RollbackRequest } from '../../core/rollout/rollback-release.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Journal, JournalEntry } from '../../ports/records/journal.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { carryOver } from './journal-carry-over.ts';
import { planJournaledRollback, type KnownRecords } from './journal-plan.ts';
import type { LeaseStanding } from '../lease-keeper.ts';

export interface JournaledRollbacksParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  /** What is seen now of replicas and gateways: none of it comes from the store. */
  watch(signal: AbortSignal): Promise<Pick<RolloutState, 'replicas' | 'gateways'>>;
  standing(): LeaseStanding;
  fence(): Fence;
  publish(table: RoutingTable): void;
}

export interface EmergencyRequest extends RollbackRequest {
  /** No other control plane acts for this service: whoever asks answers for it. */
  readonly emergency?: boolean;
}

const watchTimeoutMs = 5_000;

/**
 * Rollbacks while the store is away: decided from what was last known, journaled, published, and carried over into the
 * store before anything else is written to it.
 */
export class JournaledRollbacks {
  readonly #parts: JournaledRollbacksParts;
  #known: KnownRecords | null = null;
  #pending: readonly JournalEntry[] = [];
  #damaged: readonly string[] = [];
  #carrying: Promise<void> | null = null;
  #away: string | null = null;
  #deciding: Promise<unknown> = Promise.resolve();

  constructor(parts: JournaledRollbacksParts) {
    this.#parts = parts;
  }

  /** Reads what an earlier process left. */
  async begin(): Promise<void> {
    const { entries, damaged } = await this.#parts.journal.read();
    const { service, environment } = this.#parts;
    this.#pending = entries.filter((entry) => entry.service === service && entry.environment === environment);
    this.#damaged = damaged;
  }

  /** Ids that the store does not have yet. */
  pending(): readonly string[] {
    return this.#pending.map((entry) => entry.id);
  }

  /** The store answered: what is known is what it said. */
  async learn(state: RolloutState): Promise<void> {
    const { store, service, environment } = this.#parts;
    const moved = this.#known?.state.deployment?.revision !== state.deployment?.revision;
    const outcomes =
      this.#known === null || moved ? await store.releaseOutcomes(service, environment) : this.#known.outcomes;
    this.#known = { state, outcomes, bars: await store.bars(service, environment) };
    this.#away = null;
  }

  /** A turn failed: where the store is the reason, a rollback need not wait for it to fail again. */
  noticed(thrown: unknown): void {
    const error = asPlimsollError(thrown);
    if (isStoreAway(error)) this.#away = error.message;
  }

  /** By the store when it answers, else by the journal. */
  async rollback(
    by: string,
    request: EmergencyRequest,
    recorded: () => Promise<Release>,
  ): Promise<Release & { readonly journaled?: string }> {
    if (this.#away === null && this.#pending.length === 0) {
      try {
        return await recorded();
      } catch (thrown) {
        const error = asPlimsollError(thrown);
        if (!isStoreAway(error)) throw thrown;
        this.#away = error.message;
      }
    } else if (this.#away === null) {
      return recorded();
    }
    // One after another: the second builds on what the first has made.
    const result = this.#deciding.then(() => this.#journal(by, request));
    this.#deciding = result.catch(() => undefined);
    return result;
  }

  async #journal(by: string, request: EmergencyRequest): Promise<Release & { readonly journaled: string }> {
    const { journal, clock } = this.#parts;
    const emergency = this.#mayAct(request);
    if (this.#known === null) throw nothingKnown(this.#away ?? '');
    const seen = await this.#parts.watch(AbortSignal.timeout(watchTimeoutMs));
    const known = { ...this.#known, state: { ...this.#known.state, ...seen, nowMs: clock.nowMs() } };
    const planned = planJournaledRollback(known, { ...request, by, emergency });
    await journal.append(planned.entry);
    // From here on it stands: a crash before the next line is made good when it is carried over.
    this.#pending = [...this.#pending, planned.entry];
    this.#known = planned.after;
    this.#parts.publish(planned.entry.routing);
    return { ...planned.release, journaled: planned.entry.id };
  }

  /** The rule of decision 0044: under a lease that stands, or on the word of whoever asks; never under one that was taken. */
  #mayAct(request: EmergencyRequest): boolean {
    switch (this.#parts.standing()) {
      case 'held':
        return false;
      case 'expired':
        if (request.emergency === true) return true;
        throw emergencyNeeded(this.#away ?? '');
      case 'lost':
        this.#parts.fence();
        return false;
    }
  }

  /** Before anything else is written. @throws as the store, which is then still away. */
  async carryOver(): Promise<void> {
    if (this.#pending.length + this.#damaged.length === 0) return;
    this.#carrying ??= this.#carryOver().finally(() => {
      this.#carrying = null;
    });
    await this.#carrying;
  }

  async #carryOver(): Promise<void> {
    const { store, service, environment, clock, journal } = this.#parts;
    const [entries, damaged] = [this.#pending, this.#damaged];
    await store.transaction(this.#parts.fence(), async (tx) => {
      const nowMs = clock.nowMs();
      for (const entry of entries) await carryOver(tx, entry, nowMs);
      for (const what of damaged) {
        await tx.appendEvent({
          service,
          environment,
          kind: 'journal.damaged',
          summary: `The journal held what could not be read: ${what}`,
          by: 'control-plane',
          atMs: nowMs,
          data: { what },
        });
      }
    });
    this.#pending = this.#pending.filter((entry) => !entries.includes(entry));
    this.#damaged = [];
    this.#away = null;
    // Left standing by a crash it is carried over again, which changes nothing.
    if (this.#pending.length === 0) await journal.clear().catch(() => undefined);
    const table = await store.routing(service, environment);
    if (table !== null) this.#parts.publish(table);
  }
}

/** The store cannot be asked or cannot write; what the store answered is no reason to go around it. */
export function isStoreAway({ code, category }: PlimsollError): boolean {
  if (code === 'lease-expired' || code === 'store-connections-exhausted') return true;
  return category === 'unavailable' && /^(store|storage)-/.test(code);
}

function emergencyNeeded(why: string): PlimsollError {
  return new PlimsollError({
    code: 'emergency-needed',
    category: 'conflict',
    message: `the store does not answer (${why}) and the lease has run out: another control plane may have taken over`,
    next: 'make sure that none runs for this service elsewhere, then: plimsoll rollback ... --emergency',
  });
}

function nothingKnown(why: string): PlimsollError {
  return new PlimsollError({
    code: 'records-unknown',
    category: 'unavailable',
    message: `the store does not answer (${why}), and this control plane has not read it yet`,
    next: 'bring the store back; the gateways serve on as they did',
  });
}
