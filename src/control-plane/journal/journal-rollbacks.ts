import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { RollbackRequest } from '../../core/rollout/rollback-release.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { DamagedLine, Journal, JournalEntry } from '../../ports/records/journal.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { carryOver, setAsideEntry, setAsideLine, type CarryOver } from './journal-carry-over.ts';
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
/** What the store refuses so often stands in its own way. */
const triesPerEntry = 3;

/**
 * Rollbacks while the store is away: decided from what was last known, journaled, published, and carried over into the
 * store before anything else is written to it.
 */
export class JournaledRollbacks {
  readonly #parts: JournaledRollbacksParts;
  #known: KnownRecords | null = null;
  #pending: readonly JournalEntry[] = [];
  #damaged: readonly DamagedLine[] = [];
  /** In the store, and in the journal as well until its lines are taken out. */
  readonly #settled = { done: new Set<string>(), aside: new Set<string>() };
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
    this.#damaged = damaged.filter(
      (line) => (line.service ?? service) === service && (line.environment ?? environment) === environment,
    );
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
    const { clock } = this.#parts;
    const emergency = this.#mayAct(request);
    if (this.#known === null) throw nothingKnown(this.#away ?? '');
    const seen = await this.#parts.watch(AbortSignal.timeout(watchTimeoutMs));
    const known = { ...this.#known, state: { ...this.#known.state, ...seen, nowMs: clock.nowMs() } };
    const planned = planJournaledRollback(known, { ...request, by, emergency });
    await this.#append(planned.entry);
    // From here on it stands: a crash before the next line is made good when it is carried over.
    this.#pending = [...this.#pending, planned.entry];
    this.#known = planned.after;
    this.#parts.publish(planned.entry.routing);
    return { ...planned.release, journaled: planned.entry.id };
  }

  /** A release of thousands of files may not fit: it is made from the releases that it names, then. */
  async #append(entry: JournalEntry): Promise<void> {
    const { journal } = this.#parts;
    try {
      await journal.append(entry);
    } catch (thrown) {
      if (asPlimsollError(thrown).code !== 'journal-full') throw thrown;
      const { made: _made, ...short } = entry;
      await journal.append({ ...short, journalVersion: 1 });
    }
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
    const { done, aside } = this.#settled;
    for (const entry of this.#pending) {
      const lines = (await this.#carryOne(entry)) === 'rejected' ? aside : done;
      lines.add(entry.id);
      this.#pending = this.#pending.filter((each) => each !== entry);
    }
    for (const line of this.#damaged) {
      const nowMs = clock.nowMs();
      await store.transaction(this.#parts.fence(), (tx) => setAsideLine(tx, { service, environment }, line, nowMs));
      aside.add(line.key);
      this.#damaged = this.#damaged.filter((each) => each !== line);
    }
    this.#away = null;
    // Left standing by a crash it is carried over again, which changes nothing.
    await journal.settle({ done, aside }).then(
      () => {
        done.clear();
        aside.clear();
      },
      () => undefined,
    );
    const table = await store.routing(service, environment);
    if (table !== null) this.#parts.publish(table);
  }

  /** An entry that the store does not take, although it answers, is set aside: what comes after it must not wait for ever. */
  async #carryOne(entry: JournalEntry): Promise<CarryOver> {
    const { store, clock } = this.#parts;
    let failure: PlimsollError | null = null;
    for (let tries = 0; tries < triesPerEntry; tries += 1) {
      try {
        return await store.transaction(this.#parts.fence(), (tx) => carryOver(tx, entry, clock.nowMs()));
      } catch (thrown) {
        failure = asPlimsollError(thrown);
        if (mayPass(failure)) throw failure;
      }
    }
    const why = failure?.message ?? '';
    await store.transaction(this.#parts.fence(), (tx) => setAsideEntry(tx, entry, why, clock.nowMs()));
    return 'rejected';
  }
}

const mayPass = (error: PlimsollError): boolean =>
  isStoreAway(error) || error.code === 'lease-lost' || ['unavailable', 'overloaded'].includes(error.category);

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
    next: nextStep(controlPlaneSteps, 'emergency-needed'),
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
