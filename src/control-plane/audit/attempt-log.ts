import type { FastifyBaseLogger } from 'fastify';
import type { EventNews } from '../../core/records/event.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { Beside } from '../beside.ts';

/** A request that was refused before it became a decision: who, from where, for what, and why not. */
export interface RefusedAttempt {
  /** The identity that was authenticated, or `anonymous`. */
  readonly by: string;
  /** The host that the request came from. */
  readonly origin: string;
  /** `POST /v1/rollbacks`, or the name of an operation. */
  readonly what: string;
  readonly code: string;
  readonly service: string | null;
  readonly environment: string | null;
}

interface Counted extends RefusedAttempt {
  readonly firstAtMs: number;
  readonly count: number;
}

/** Nobody fills the store by being refused: 21 events a minute at most, which count all attempts. */
const recordEveryMs = 60_000;
const distinctAtMost = 20;
/** A stranger leaves no trace in the records of a service: the service that was named is a fact of the event. */
const everywhere = { service: '*', environment: '*' } as const;

export interface AttemptLogParts {
  readonly store: Pick<Store, 'transaction'>;
  readonly clock: Clock;
  fence(): Fence;
  readonly held: () => boolean;
  /** Told where attempts could not be recorded; these are lost. */
  readonly failed: (thrown: unknown) => void;
  /** What is recorded of equal attempts; by default that they were refused. */
  readonly makeEvent?: (facts: CountedFacts) => EventNews;
}

/**
 * Records refused attempts in the chain of events. Equal attempts of a minute are one event with their number; the first
 * of a quiet minute is recorded at once.
 */
export class AttemptLog {
  readonly #parts: AttemptLogParts;
  readonly #beside = new Beside();
  #counted = new Map<string, Counted>();
  /** Attempts that are like none of those that have an entry. */
  #others = 0;
  #recordedAtMs = -Infinity;

  constructor(parts: AttemptLogParts) {
    this.#parts = parts;
  }

  note(attempt: RefusedAttempt): void {
    const { by, origin, what, code, service, environment } = attempt;
    const key = JSON.stringify([by, origin, what, code, service, environment]);
    const before = this.#counted.get(key);
    if (before === undefined && this.#counted.size >= distinctAtMost) this.#others += 1;
    else {
      const firstAtMs = before?.firstAtMs ?? this.#parts.clock.nowMs();
      this.#counted.set(key, { ...attempt, firstAtMs, count: (before?.count ?? 0) + 1 });
    }
    this.look();
  }

  /** Call it now and then: what was refused since the last minute is recorded. */
  look(): void {
    const { clock, held } = this.#parts;
    if (this.#counted.size === 0 || clock.monotonicMs() - this.#recordedAtMs < recordEveryMs || !held()) return;
    this.#recordedAtMs = clock.monotonicMs();
    this.#beside.run(this.#record());
  }

  /** Records what is left. */
  async close(): Promise<void> {
    await this.#beside.settle();
    if (this.#counted.size > 0 && this.#parts.held()) await this.#record();
  }

  async #record(): Promise<void> {
    const [counted, others] = [[...this.#counted.values()], this.#others];
    this.#counted = new Map();
    this.#others = 0;
    const { store, fence, failed, makeEvent = makeRefusedAttemptEvent } = this.#parts;
    try {
      await store.transaction(fence(), async (tx) => {
        for (const { firstAtMs, ...facts } of counted) {
          await tx.appendEvent({ ...everywhere, by: facts.by, atMs: firstAtMs, ...makeEvent(facts) });
        }
        if (others === 0) return;
        const facts = { by: 'others', origin: 'several', what: 'several', code: 'several', count: others };
        const event = makeEvent({ ...facts, service: null, environment: null });
        await tx.appendEvent({ ...everywhere, by: 'control-plane', atMs: this.#parts.clock.nowMs(), ...event });
      });
    } catch (thrown) {
      failed(thrown);
    }
  }
}

/** What a control plane that holds a lease records of those who ask. */
export class AccessLogs {
  readonly attempts: AttemptLog;
  /** Apart from refused attempts, so that no flood of these hides a use. */
  readonly breakGlass: AttemptLog;

  constructor(
    {
      store,
      clock,
      log,
    }: Pick<AttemptLogParts, 'store' | 'clock'> & { readonly log: Pick<FastifyBaseLogger, 'error'> },
    lease: { held(): boolean; fence(): Fence },
  ) {
    const parts = { store, clock, held: () => lease.held(), fence: () => lease.fence() };
    const failed = (what: string) => (err: unknown) => log.error({ err }, `${what} could not be recorded`);
    this.attempts = new AttemptLog({ ...parts, failed: failed('refused attempts') });
    this.breakGlass = new AttemptLog({
      ...parts,
      failed: failed('uses of a break-glass token'),
      makeEvent: makeBreakGlassEvent,
    });
  }

  look(): void {
    this.attempts.look();
    this.breakGlass.look();
  }

  async close(): Promise<void> {
    await this.attempts.close();
    await this.breakGlass.close();
  }
}

export type CountedFacts = Omit<Counted, 'firstAtMs'>;

/** A token that was kept for an emergency was used. */
export function makeBreakGlassEvent({ by, origin, what, count, service, environment }: CountedFacts): EventNews {
  return {
    kind: 'access.break-glass',
    summary: `The break-glass token ${by} was used ${timesText(count)} from ${origin}: ${what}`,
    data: { what, count, origin, service, environment },
  };
}

const timesText = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function makeRefusedAttemptEvent({ by, origin, what, code, count, service, environment }: CountedFacts): EventNews {
  const times = timesText(count);
  return {
    kind: 'access.refused',
    summary: `${by} from ${origin} was refused ${times}: ${what} (${code})`,
    data: { what, code, count, origin, service, environment },
  };
}
