import { chainStart, sealOf, type EventSeal, type SealedEvent } from '../../../../core/records/audit/event-chain.ts';
import type { AuditEntry } from '../../../../core/records/audit/verify-chain.ts';
import { eventLimit } from '../../../../core/records/event-limit.ts';
import { readEvent, type EventRecord, type StoredEvent } from '../../../../core/records/event.ts';
import { outcomeOf, type DecidedOutcome } from '../../../../core/rollout/outcome.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';
import { copied, type Scope } from './copied.ts';

export interface EventStates {
  readonly events: readonly StoredEvent[];
}

export function memoryEventReader(
  state: () => EventStates,
): Pick<StoreReader, 'chainHead' | 'auditEntries' | 'events'> {
  return {
    async chainHead() {
      const head = sealsOf(state().events).at(-1);
      return head === undefined ? null : { seq: head.seq, hash: head.hash };
    },
    async auditEntries({ afterSeq, limit }) {
      const seals = sealsOf(state().events);
      return state()
        .events.flatMap((event, at): readonly AuditEntry[] => {
          const seal = seals[at];
          return seal === undefined ? [] : [{ seq: event.seq, event: sealedEventOf(event), seal }];
        })
        .filter(({ seq }) => seq > afterSeq)
        .slice(0, limit);
    },
    async events(query) {
      const found = state().events.filter(
        (event) =>
          (query.service === undefined || event.service === query.service) &&
          (query.environment === undefined || event.environment === query.environment) &&
          (query.afterSeq === undefined || event.seq > query.afterSeq) &&
          (query.beforeSeq === undefined || event.seq < query.beforeSeq) &&
          (query.kindPrefix === undefined || event.kind.startsWith(query.kindPrefix)),
      );
      const atMost = eventLimit(query);
      return copied(query.last === undefined ? found.slice(0, atMost) : atMost === 0 ? [] : found.slice(-atMost));
    },
  };
}

/**
 * @param set takes what is a copy already.
 * @param decide sets the outcome of a release that an event decides.
 */
export function memoryEventWriter(
  state: () => EventStates,
  set: (part: EventStates) => void,
  decide: (outcome: Scope & DecidedOutcome) => void,
): Pick<StoreWriter, 'appendEvent'> {
  return {
    async appendEvent(event) {
      const stored = readEvent<EventRecord>(copied({ ...event, seq: state().events.length + 1 }));
      set({ events: [...state().events, stored] });
      const decided = outcomeOf(stored);
      if (decided !== null) decide({ service: stored.service, environment: stored.environment, ...decided });
      return stored;
    },
  };
}

function sealedEventOf({ data, ...event }: StoredEvent): SealedEvent {
  return { ...event, dataText: JSON.stringify(data) };
}

function sealsOf(events: readonly StoredEvent[]): readonly EventSeal[] {
  let previous = chainStart;
  return events.map((event): EventSeal => {
    previous = sealOf(previous, sealedEventOf(event));
    return { seq: event.seq, hash: previous, late: false };
  });
}
