import type { StoredEvent } from '../../../src/core/records/event.ts';

/** As many as the page asks for at first, and some more that came since. */
export const keptEvents = 500;

/** Newest first, each once (by `seq`, which never repeats), bounded. */
export function mergeEvents(kept: readonly StoredEvent[], added: readonly StoredEvent[]): readonly StoredEvent[] {
  const only = added[0];
  if (only !== undefined && added.length === 1 && only.seq > (kept[0]?.seq ?? -1)) {
    return [only, ...kept.slice(0, keptEvents - 1)];
  }
  const bySeq = new Map([...kept, ...added].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, keptEvents);
}

/** First word of a kind: `replica` of `replica.admitted`. */
export function subjectOf(kind: string): string {
  return kind.split('.', 1)[0] ?? kind;
}

/** Each subject with its kinds, in alphabetical order: what there is to filter by. */
export function kindsBySubject(events: readonly StoredEvent[]): ReadonlyMap<string, readonly string[]> {
  const kinds = [...new Set(events.map((event) => event.kind))].sort();
  const subjects = new Map<string, string[]>();
  for (const kind of kinds) subjects.set(subjectOf(kind), [...(subjects.get(subjectOf(kind)) ?? []), kind]);
  return subjects;
}

/** `filter` is a subject, a whole kind, or nothing for all. */
export function filterEvents(events: readonly StoredEvent[], filter: string): readonly StoredEvent[] {
  return filter === '' ? events : events.filter((event) => event.kind === filter || subjectOf(event.kind) === filter);
}
