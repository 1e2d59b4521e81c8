import { eventLimit } from '../../core/records/event-limit.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import type { EventQuery } from '../../ports/records/store.ts';
import { eventsInAnswer } from '../../schemas/http/http-event.ts';

/** Asks for as many events as the query is for, a thousand an answer. @param ask gives one answer. */
export async function readEvents(
  query: EventQuery,
  ask: (query: EventQuery) => Promise<readonly StoredEvent[]>,
): Promise<readonly StoredEvent[]> {
  const wanted = eventLimit(query);
  const pages: (readonly StoredEvent[])[] = [];
  let found = 0;
  let next: EventQuery = query;
  while (found < wanted) {
    const atMost = Math.min(eventsInAnswer, wanted - found);
    const page = await ask({ ...next, ...(query.last === undefined ? { limit: atMost } : { last: atMost }) });
    const [first] = page;
    const last = page.at(-1);
    if (first === undefined || last === undefined) break;
    // An older control plane knows no `beforeSeq`, and answers the newest again.
    if (next.beforeSeq !== undefined && last.seq >= next.beforeSeq) break;
    pages.push(page);
    found += page.length;
    if (page.length < atMost) break;
    next = query.last === undefined ? { ...query, afterSeq: last.seq } : { ...query, beforeSeq: first.seq };
  }
  return query.last === undefined ? pages.flat() : pages.toReversed().flat();
}
