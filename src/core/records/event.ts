import { eventFacts, type EventKind } from './event-kinds.ts';
import { isObject, isText, sometimes, type FactRow, type MadeFacts, type ReadFacts } from './facts.ts';

/** Facts that any event may have. `journaled`: it was decided while the store was away, and this is the entry of the journal. */
const commonFacts = {
  journaled: sometimes(isText),
  /** The host that the request came from which it was decided for. */
  origin: sometimes(isText),
};

type Made<Kind extends EventKind> = MadeFacts<(typeof eventFacts)[Kind]> & MadeFacts<typeof commonFacts>;
type Read<Kind extends EventKind> = ReadFacts<(typeof eventFacts)[Kind] & typeof commonFacts>;

declare const unknownKind: unique symbol;

/** A kind that another version of Plimsoll recorded. Only `readEvent` makes one, and no literal is equal to it. */
export type UnknownKind = `${string}.${string}` & { readonly [unknownKind]: true };

interface UnknownContent {
  readonly kind: UnknownKind;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What an event of this version tells. */
export type EventContent = { [Kind in EventKind]: { readonly kind: Kind; readonly data: Made<Kind> } }[EventKind];

/** What an event of any version tells: `switch` on `kind`, and handle what is none of the known kinds. */
export type ReadContent =
  { [Kind in EventKind]: { readonly kind: Kind; readonly data: Read<Kind> } }[EventKind] | UnknownContent;

/** What happened, before it is known where, when and, mostly, by whom it is recorded. */
export type EventNews = EventContent & {
  /** One sentence for people. It repeats facts, and holds none of its own. */
  readonly summary: string;
  /** Who decided it, where that is not whoever records it. */
  readonly by?: string;
};

interface EventHead {
  readonly service: string;
  readonly environment: string;
  /** One sentence for people. It repeats facts, and holds none of its own. */
  readonly summary: string;
  readonly by: string;
  readonly atMs: number;
}

/** Dotted kinds, subject first: `release.created`, `replica.admitted`. The facts are JSON-safe. */
export type NewEvent = EventHead & EventContent;

/** An event as it is recorded and sent: whatever version made it. */
export type StoredEvent = EventHead & { readonly seq: number } & ReadContent;

/** A recorded event of one kind. */
export type EventOf<Kind extends EventKind> = Extract<StoredEvent, { readonly kind: Kind }>;

/** An event before it is read: a row of a store, or JSON of a control plane. */
export interface EventForm {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EventRecord = EventForm & EventHead & { readonly seq: number };

/**
 * Reads an event of any version, at the border where it comes in; never throws. A kind that this version does not know
 * stays as it is. A fact of a form that this version does not know is left out; a fact that it knows nothing of is kept.
 */
export function readEvent<Form extends EventForm>(form: Form): Omit<Form, 'kind' | 'data'> & ReadContent {
  const row = Object.hasOwn(eventFacts, form.kind) ? (eventFacts as Record<string, FactRow>)[form.kind] : undefined;
  const data = isObject(form.data) && !Array.isArray(form.data) ? readFacts(form.data, { ...commonFacts, ...row }) : {};
  return { ...form, data } as unknown as Omit<Form, 'kind' | 'data'> & ReadContent;
}

function readFacts(data: EventForm['data'], row: FactRow): EventForm['data'] {
  const isReadable = (name: string): boolean => !Object.hasOwn(row, name) || row[name]?.is(data[name]) === true;
  const names = Object.keys(data);
  if (names.every(isReadable)) return data;
  return Object.fromEntries(names.filter(isReadable).map((name) => [name, data[name]]));
}

/** The same event, with the entry of the journal that it comes from. */
export function withJournaled<Event extends NewEvent>(event: Event, journaled: string): Event {
  return {
    ...event,
    summary: `${event.summary} (journaled: the store was away)`,
    data: { ...event.data, journaled },
  };
}
