import { describe, expect, it } from 'vitest';
import type { HealthState } from '../../../src/core/health/health.ts';
import type { FleetEntry } from '../../../src/schemas/view/fleet-view.ts';
import {
  applyChange,
  countWords,
  findEntries,
  formatMet,
  groupByOwner,
  keepOrder,
  keyOf,
  lookingQuery,
  readLooking,
  searchEntries,
  sortEntries,
} from './fleet-entries.ts';

function entry(
  service: string,
  state: HealthState | null,
  owner: string | null = 'vision',
  environment = 'prod',
): FleetEntry {
  const health = state === null ? null : { state, sentence: `${state}: said.`, sinceMs: null, next: null };
  const replicas = { ready: 1, wanted: 1 };
  const evidence = { asked: 0, gaps: 0 };
  const nothing = { live: null, objective: null, underWay: null, drift: null };
  return { service, environment, owner, health, evidence, replicas, ...nothing };
}

const names = (entries: readonly FleetEntry[]): readonly string[] => entries.map(({ service }) => service);

describe('a change of the fleet', () => {
  const [a, b, c] = [entry('a', 'healthy'), entry('b', 'healthy'), entry('c', 'healthy')];
  const fleet = { plimsollVersion: '0.1.0', nowMs: 1, services: [a, b, c] };

  it('replaces what differs, adds what is new, takes away what is gone, and leaves all else the same object', () => {
    const failing = entry('b', 'failing');
    const added = entry('b', 'healthy', 'vision', 'staging');
    const next = applyChange(fleet, {
      nowMs: 2,
      changed: [failing, added],
      gone: [{ service: 'c', environment: 'prod' }],
    });
    expect(next).toEqual({ ...fleet, nowMs: 2, services: [a, failing, added] });
    expect(next.services[0]).toBe(a);
  });

  it('takes spares that changed in the place of those that were shown', () => {
    const spares = [{ environment: 'prod', fits: 'f', services: ['a'], wanted: 1, free: 1, starting: 0, taken: 0 }];
    const change = { nowMs: 2, changed: [], gone: [] };
    const shown = applyChange(fleet, { ...change, spares });
    expect(shown.spares).toEqual(spares);
    expect(applyChange(shown, change).spares).toEqual(spares);
    expect(applyChange(shown, { ...change, spares: [] }).spares).toEqual([]);
  });

  it('may name what was never there', () => {
    expect(
      applyChange(fleet, { nowMs: 2, changed: [], gone: [{ service: 'x', environment: 'prod' }] }).services,
    ).toEqual([a, b, c]);
  });
});

describe('the order', () => {
  const entries = [
    entry('b', 'healthy', null),
    entry('a10', 'not-released', 'search'),
    entry('a9', 'degraded', 'search'),
    entry('e', null, 'vision'),
    entry('d', 'unknown', 'vision'),
    entry('c', 'failing', 'vision'),
  ];

  it.each([
    ['state', false, ['c', 'd', 'e', 'a9', 'a10', 'b']],
    ['state', true, ['b', 'a10', 'a9', 'd', 'e', 'c']],
    ['name', false, ['a9', 'a10', 'b', 'c', 'd', 'e']],
    ['name', true, ['e', 'd', 'c', 'b', 'a10', 'a9']],
    ['owner', false, ['a9', 'a10', 'c', 'd', 'e', 'b']],
  ] as const)('by %s (reversed: %s)', (by, reversed, expected) => {
    expect(names(sortEntries(entries, { by, reversed }))).toEqual(expected);
  });

  it('stands still under a pointer: what is new comes last', () => {
    const held = ['b', 'c'].map((service) => keyOf(entry(service, null)));
    expect(names(keepOrder([entry('c', 'failing'), entry('n', 'failing'), entry('b', 'healthy')], held))).toEqual([
      'b',
      'c',
      'n',
    ]);
  });

  it('has the owner of the worst service first, in groups', () => {
    const groups = groupByOwner(sortEntries(entries, { by: 'state', reversed: false }));
    expect(groups.map(({ owner, entries: own }) => [owner, names(own)])).toEqual([
      ['vision', ['c', 'd', 'e']],
      ['search', ['a9', 'a10']],
      [null, ['b']],
    ]);
    expect(countWords(groups[0]?.entries ?? [])).toBe('1 failing, 2 unknown');
  });
});

describe('a search', () => {
  const entries = [
    entry('digits', 'failing', 'vision'),
    entry('digits', 'healthy', 'vision', 'staging'),
    entry('fraud', null, null),
  ];
  it.each([
    ['', 3],
    ['  ', 3],
    ['DIGITS', 2],
    ['digits staging', 1],
    ['vision', 2],
    ['failing', 1],
    ['digits fraud', 0],
    ['null', 0],
    ['digitsprod', 0],
  ])('for "%s" finds %d', (text, count) => expect(searchEntries(entries, text)).toHaveLength(count));
});

describe('one state', () => {
  const entries = [entry('a', 'failing'), entry('b', null), entry('c', 'unknown', 'search'), entry('d', 'healthy')];
  it.each([
    ['unknown', '', ['b', 'c']],
    ['unknown', 'search', ['c']],
    ['failing', 'search', []],
    [null, '', ['a', 'b', 'c', 'd']],
  ] as const)('%s with the search "%s" shows %j', (state, search, expected) => {
    expect(names(findEntries(entries, { state, search }))).toEqual(expected);
  });
});

describe('how the list is looked at', () => {
  it.each([
    '',
    '?search=a+%26+b',
    '?sort=-state',
    '?sort=name',
    '?sort=-owner&group=owner',
    '?search=x&state=not-released',
  ])('comes back from the address %s', (query) => {
    expect(lookingQuery(readLooking(query))).toBe(query);
  });
  it('is as by default where the address says what is not known', () => {
    expect(readLooking('?sort=size&group=colour&state=broken')).toEqual(readLooking(''));
  });
});

describe('the share of requests that kept the objective', () => {
  it.each([
    [1, '100%'],
    [0.99999, '99.99%'],
    [0.9995, '99.95%'],
    [0.999, '99.9%'],
    [0.5, '50%'],
    [0, '0%'],
  ])('%d is %s, never rounded up', (share, text) => expect(formatMet(share)).toBe(text));
});
