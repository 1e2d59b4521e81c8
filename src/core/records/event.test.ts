import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventFacts, eventKinds } from './event-kinds.ts';
import { readEvent, withJournaled, type NewEvent, type StoredEvent } from './event.ts';
import { hasFacts } from './facts.ts';

const head = { seq: 3, service: 'digits', environment: 'prod', summary: 'it happened', by: 'ada', atMs: 7 };
const read = (kind: string, data: unknown) => readEvent({ ...head, kind, data: data as Record<string, unknown> });

describe('an event that is read', () => {
  it('keeps its kind and its facts, also those that this version knows nothing of', () => {
    const data = { release: 2, left: 1, previous: null, reason: 'proven', later: { than: 'this version' } };
    expect(read('release.live', data)).toEqual({ ...head, kind: 'release.live', data });
  });

  it('of an earlier version has the facts that were recorded then, and the others are absent', () => {
    const event = read('release.live', { release: 2 });
    expect(event.kind === 'release.live' && [event.data.release, event.data.reason]).toEqual([2, undefined]);
    expect(event.kind === 'release.live' && hasFacts(event.data, 'release', 'reason')).toBe(false);
    expect(event.kind === 'release.live' && hasFacts(event.data, 'release')).toBe(true);
  });

  it('keeps records and lists that are carried along whole', () => {
    const move = { name: 'digits', alias: 'live', evidence: [{ kind: 'evaluation', verdict: 'pass' }] };
    expect(read('alias.moved', move).data).toEqual(move);
  });

  it('loses a fact of a form that this version does not know, and no other', () => {
    expect(read('release.live', { release: 'two', left: 1 }).data).toEqual({ left: 1 });
    expect(read('release.created', { release: 2, model: { name: 'digits' } }).data).toEqual({ release: 2 });
    expect(read('registry.synced', { outcome: 'mislaid', local: 1 }).data).toEqual({ local: 1 });
    expect(read('rollout.step-began', { step: 0, policy: { steps: 2, metrics: [1] } }).data).toEqual({ step: 0 });
  });

  it('of a kind that this version does not know stays as it is, and is none of the known kinds', () => {
    const data = { release: 'two' };
    for (const kind of ['release.renamed', 'toString', '__proto__']) {
      expect(read(kind, data)).toEqual({ ...head, kind, data });
    }
    expect(told(read('release.renamed', data))).toBe('another version recorded release.renamed');
  });

  it('never throws, whatever its data is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...eventKinds, 'other.kind'), fc.jsonValue(), (kind, data) => {
        const event = read(kind, data);
        expect(event.kind).toBe(kind);
        expect(readEvent(event)).toEqual(event);
      }),
    );
  });
});

/** As a consumer handles events: by kind, and what is none of the known ones. */
function told(event: StoredEvent): string {
  switch (event.kind) {
    case 'release.live':
      return `release ${event.data.release} is live`;
    case 'bar.lifted':
      return `${event.data.axis} is barred no more`;
    default:
      return `another version recorded ${event.kind}`;
  }
}

it('kinds are listed in order, family first', () => {
  expect(eventKinds).toEqual([...eventKinds].sort());
  expect(eventKinds.filter((kind) => !/^[a-z-]+\.[a-z-]+$/.test(kind))).toEqual([]);
  expect(Object.keys(eventFacts)).toHaveLength(eventKinds.length);
});

it('an event that comes out of the journal says so in its facts and in its sentence', () => {
  const event: NewEvent = {
    ...head,
    kind: 'release.superseded',
    data: { release: 2, by: 3 },
  };
  expect(withJournaled(event, 'entry')).toMatchObject({
    kind: 'release.superseded',
    summary: 'it happened (journaled: the store was away)',
    data: { release: 2, by: 3, journaled: 'entry' },
  });
});
