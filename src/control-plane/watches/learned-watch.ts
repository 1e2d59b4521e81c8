import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { EvidenceKind, Invalidation } from '../../core/evidence/lock/lock.ts';
import {
  findDepartures,
  nothingDeparts,
  type Departure,
  type DepartureHold,
} from '../../core/scaling/departure/learned-departure.ts';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { isToldOf, type Watch, type WatchedEvidence, type WatchNews } from './watch.ts';

/** The evidence of the lock that scaling decides by. */
export interface LearnedSource {
  /** Null while there is none of what the lock pins: then there is nothing that could cease to hold. */
  measured(kind: 'capacity' | 'cold-start'): Promise<WatchedEvidence | null>;
}

export interface LearnedWatchParts {
  readonly source: LearnedSource;
  readonly service: string;
  readonly environment: string;
  readonly store: Pick<StoreReader, 'invalidations'>;
  readonly clock: Clock;
  /** Of the last decision; null where the policy was not asked lately, or learns nothing. */
  learned(): LearnedEvidence | null;
}

const everyMs = 20_000;
const kindOf = { capacity: 'capacity', starts: 'cold-start' } as const satisfies Record<
  Departure['part'],
  EvidenceKind
>;

/**
 * Holds what scaling learned against the evidence that it was told, and records when that no longer holds. Each piece of evidence is
 * invalidated once: what was recorded is asked of the store, so that a restart tells nothing twice. Scaling goes on by what it learned.
 */
export class LearnedWatch implements Watch {
  readonly subject = 'learned capacity';
  readonly #parts: LearnedWatchParts;
  #hold: DepartureHold = nothingDeparts;
  /** When the evidence was measured that the hold is of: other evidence is held against live data anew. */
  #heldOf: string | null = null;
  #lookedMs = -Infinity;

  constructor(parts: LearnedWatchParts) {
    this.#parts = parts;
  }

  /** Looks each 20 seconds. */
  async look(): Promise<readonly WatchNews[]> {
    const { clock, store, service, environment } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs < everyMs) return [];
    this.#lookedMs = nowMs;
    const measured = await this.#readMeasured();
    const heldOf = `${measured.capacity?.measuredAtMs} ${measured.starts?.measuredAtMs}`;
    if (heldOf !== this.#heldOf) this.#hold = nothingDeparts;
    this.#heldOf = heldOf;
    const { hold, departures } = findDepartures(this.#hold, this.#parts.learned(), nowMs);
    this.#hold = hold;
    if (departures.length === 0) return [];
    const known = await store.invalidations(service, environment);
    return departures.flatMap((departure) => this.#newsOf(departure, measured[departure.part], known));
  }

  async #readMeasured(): Promise<Readonly<Record<Departure['part'], WatchedEvidence | null>>> {
    const { source } = this.#parts;
    return { capacity: await source.measured(kindOf.capacity), starts: await source.measured(kindOf.starts) };
  }

  #newsOf(
    { part, reason }: Departure,
    measured: WatchedEvidence | null,
    known: readonly Invalidation[],
  ): readonly WatchNews[] {
    const { clock, environment } = this.#parts;
    const kind = kindOf[part];
    if (measured === null) return [];
    const atMs = clock.nowMs();
    if (known.some((one) => one.kind === kind && isToldOf(one, measured, atMs))) return [];
    const { evidence, remedy } = measured;
    const summary = `The ${kind} evidence no longer holds: ${reason}; next: ${remedy}`;
    const event =
      part === 'capacity'
        ? ({ kind: 'capacity.departed', summary, data: { reason } } as const)
        : ({ kind: 'start.departed', summary, data: { reason } } as const);
    return [{ invalidation: invalidationBy(event.kind, { environment, reason, remedy, atMs, evidence }), event }];
  }
}
