import { describe, expect, it } from 'vitest';
import { readEvent, type NewEvent } from '../records/event.ts';
import { digestOf } from '../units/digest.ts';
import {
  chooseCurrentAsks,
  chooseShownAsks,
  isOpenAsk,
  makeCancelledEvent,
  makeFetchingEvent,
  makeRenewedEvent,
  makeRequestedEvent,
  type ReleaseAsk,
} from './release-ask.ts';

const ask: ReleaseAsk = {
  id: 'a1',
  service: 'digits',
  environment: 'prod',
  bundle: digestOf('bundle'),
  waivers: [],
  again: true,
  by: 'ada',
  atMs: 5,
  state: 'fetching',
  reason: 'a newer one was asked for',
  release: null,
  changedAtMs: 9,
  progress: { doneBytes: 1, totalBytes: 70 },
};

it('is open until it is decided', () => {
  const states = ['requested', 'fetching', 'released', 'refused', 'cancelled'] as const;
  expect(states.filter((state) => isOpenAsk({ ...ask, state }))).toEqual(['requested', 'fetching']);
});

it('makes events whose facts all are read back', () => {
  const events: readonly NewEvent[] = [
    makeRequestedEvent(ask),
    makeFetchingEvent(ask, 's3://models/digits', 'plane'),
    makeCancelledEvent(ask, 'bob'),
    makeRenewedEvent(ask, 4),
  ];
  for (const event of events) expect(readEvent(event)).toEqual(event);
  expect(events.map(({ kind, by, atMs }) => [kind, by, atMs])).toEqual([
    ['release.requested', 'ada', 9],
    ['release.fetching', 'plane', 9],
    ['release.cancelled', 'bob', 9],
    ['evidence.renewed', 'ada', 9],
  ]);
  expect(events.map(({ data }) => data)).toEqual([
    { ask: 'a1', bundle: ask.bundle, again: true, waivers: [] },
    { ask: 'a1', bundle: ask.bundle, place: 's3://models/digits', totalBytes: 70 },
    { ask: 'a1', bundle: ask.bundle, reason: ask.reason },
    { ask: 'a1', bundle: ask.bundle, release: 4 },
  ]);
});

describe('the asks that a view shows', () => {
  const at = (id: string, state: ReleaseAsk['state'], changedAtMs: number) => ({ ...ask, id, state, changedAtMs });
  const idsOf = (asks: readonly ReleaseAsk[], releasedAtMs: number | null) =>
    chooseShownAsks(asks, releasedAtMs).map(({ id }) => id);

  it('are every open one, newest first, and of the decided ones the newest', () => {
    const asks = [
      at('slow', 'fetching', 1),
      at('old', 'refused', 2),
      at('new', 'cancelled', 3),
      at('open', 'requested', 4),
    ];
    expect(idsOf(asks, null)).toEqual(['open', 'new', 'slow']);
    const ofRecords = { doneBytes: 1, totalBytes: 2, grewAtMs: 3, files: [] };
    expect(chooseShownAsks([{ ...ask, progress: ofRecords, next: 'plimsoll pin' }], null)).toEqual([
      {
        id: 'a1',
        state: 'fetching',
        reason: ask.reason,
        next: 'plimsoll pin',
        by: 'ada',
        atMs: 5,
        changedAtMs: 9,
        bundle: ask.bundle,
        progress: { doneBytes: 1, totalBytes: 2 },
      },
    ]);
  });

  it('come down to the open ones, else to the one that was decided last', () => {
    const shown = (...asks: readonly ReleaseAsk[]) => chooseCurrentAsks(asks).map(({ id }) => id);
    expect(shown(at('b', 'requested', 2), at('a', 'refused', 3), at('c', 'fetching', 1))).toEqual(['b', 'c']);
    expect(shown(at('a', 'refused', 3))).toEqual(['a']);
    expect(chooseCurrentAsks(undefined)).toEqual([]);
  });

  it('leave out what was decided before the newest release, and what became it', () => {
    expect(idsOf([at('before', 'refused', 4)], 5)).toEqual([]);
    expect(idsOf([at('became', 'released', 5)], 5)).toEqual([]);
    expect(idsOf([at('after', 'refused', 6)], 5)).toEqual(['after']);
    expect(idsOf([at('decided-late', 'refused', 9), at('early', 'refused', 6)], 5)).toEqual(['decided-late']);
    expect(idsOf([at('open', 'requested', 1)], 5)).toEqual(['open']);
  });
});
