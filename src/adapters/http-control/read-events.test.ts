import { describe, expect, it } from 'vitest';
import { readEvent } from '../../core/records/event.ts';
import type { EventQuery } from '../../ports/records/store.ts';
import { anEvent } from '../../testing/builders/store-builders.ts';
import { eventLimit } from '../../core/records/event-limit.ts';
import { readEvents } from './read-events.ts';

const { data, ...head } = anEvent('release.created');
const all = Array.from({ length: 3_500 }, (_, at) =>
  readEvent({ ...head, kind: 'release.created', data, seq: at + 1 }),
);
/** A store that gives a thousand at most. */
function answerer(knowsBefore = true) {
  const asked: EventQuery[] = [];
  const ask = async (query: EventQuery) => {
    asked.push(query);
    const found = all.filter(
      ({ seq }) =>
        seq > (query.afterSeq ?? 0) && (!knowsBefore || query.beforeSeq === undefined || seq < query.beforeSeq),
    );
    const atMost = Math.min(1_000, eventLimit(query));
    return query.last === undefined ? found.slice(0, atMost) : found.slice(-atMost);
  };
  return { ask, asked };
}

describe('reading events a thousand an answer', () => {
  it('gives the newest, in order', async () => {
    const { ask, asked } = answerer();
    expect(await readEvents({ last: 2_300 }, ask)).toEqual(all.slice(-2_300));
    expect(asked.map(({ last }) => last)).toEqual([1_000, 1_000, 300]);
    expect(await readEvents({ last: 20 }, ask)).toEqual(all.slice(-20));
    expect(await readEvents({ last: 9_000 }, ask)).toEqual(all);
  });

  it('gives what came after, up to the limit', async () => {
    const { ask } = answerer();
    expect(await readEvents({ afterSeq: 100 }, ask)).toEqual(all.slice(100));
    expect(await readEvents({ afterSeq: 100, limit: 1_200 }, ask)).toEqual(all.slice(100, 1_300));
    expect(await readEvents({ limit: 0 }, ask)).toEqual([]);
  });

  it('of an older control plane takes one answer', async () => {
    const { ask } = answerer(false);
    expect(await readEvents({ last: 2_300 }, ask)).toEqual(all.slice(-1_000));
  });
});
