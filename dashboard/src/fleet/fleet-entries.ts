import type { HealthState } from '../../../src/core/health/health.ts';
import type { FleetChange, FleetEntry, FleetView } from '../../../src/schemas/view/fleet-view.ts';

/** Worst first; what is not known stands between, because it may be the worst. */
export const statesByWorst: readonly HealthState[] = ['failing', 'unknown', 'degraded', 'not-released', 'healthy'];

export const stateWords: Readonly<Record<HealthState, string>> = {
  failing: 'failing',
  unknown: 'unknown',
  degraded: 'degraded',
  'not-released': 'not released',
  healthy: 'healthy',
};

type Key = Pick<FleetEntry, 'service' | 'environment'>;

export const keyOf = ({ service, environment }: Key): string => `${service}/${environment}`;

/** A service that nobody has looked at yet is unknown. */
export const stateOf = ({ health }: FleetEntry): HealthState => health?.state ?? 'unknown';

/** Entries that did not change stay the same objects, so that their rows are not drawn again. */
export function applyChange(fleet: FleetView, { nowMs, changed, gone, spares }: FleetChange): FleetView {
  const entries = new Map(fleet.services.map((entry) => [keyOf(entry), entry]));
  for (const entry of changed) entries.set(keyOf(entry), entry);
  for (const key of gone) entries.delete(keyOf(key));
  return { ...fleet, nowMs, services: [...entries.values()], ...(spares === undefined ? {} : { spares }) };
}

export type SortKey = 'state' | 'name' | 'owner';

export interface Sorting {
  readonly by: SortKey;
  readonly reversed: boolean;
}

/** Worst first by default. Within the same state or owner, by name; services without an owner come last. */
export function sortEntries(entries: readonly FleetEntry[], { by, reversed }: Sorting): readonly FleetEntry[] {
  const direction = reversed ? -1 : 1;
  return entries.toSorted((a, b) => direction * compare[by](a, b) || compareNames(a, b));
}

const compare: Readonly<Record<SortKey, (a: FleetEntry, b: FleetEntry) => number>> = {
  state: (a, b) => statesByWorst.indexOf(stateOf(a)) - statesByWorst.indexOf(stateOf(b)),
  name: compareNames,
  owner: (a, b) => compareOwners(a.owner, b.owner),
};

function compareNames(a: FleetEntry, b: FleetEntry): number {
  return compareText(a.service, b.service) || compareText(a.environment, b.environment);
}

function compareOwners(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareText(a, b);
}

const { compare: compareText } = new Intl.Collator('en', { numeric: true });

/** Entries in which each word of the text stands: in service, environment, owner or health sentence. */
export function searchEntries(entries: readonly FleetEntry[], text: string): readonly FleetEntry[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return entries;
  return entries.filter(({ service, environment, owner, health }) => {
    const said = [service, environment, owner ?? '', health?.sentence ?? ''].join('\n').toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** Of the entries that are searched for, those in one state; all where none is chosen. */
export function findEntries(
  entries: readonly FleetEntry[],
  { search, state }: Pick<Looking, 'search' | 'state'>,
): readonly FleetEntry[] {
  const found = searchEntries(entries, search);
  return state === null ? found : found.filter((entry) => stateOf(entry) === state);
}

export interface Group {
  /** Null for those that nobody owns. */
  readonly owner: string | null;
  readonly entries: readonly FleetEntry[];
}

/** Groups stand in the order of their first entries, so that the owner of the worst service comes first. */
export function groupByOwner(sorted: readonly FleetEntry[]): readonly Group[] {
  return [...Map.groupBy(sorted, ({ owner }) => owner)].map(([owner, entries]) => ({ owner, entries }));
}

/** How many are in each state, worst first; states that nothing is in are left out. */
export function countStates(entries: readonly FleetEntry[]): readonly { state: HealthState; count: number }[] {
  return statesByWorst
    .map((state) => ({ state, count: entries.filter((entry) => stateOf(entry) === state).length }))
    .filter(({ count }) => count > 0);
}

/** `3 failing, 1 unknown, 196 healthy`. */
export function countWords(entries: readonly FleetEntry[]): string {
  return countStates(entries)
    .map(({ state, count }) => `${count} ${stateWords[state]}`)
    .join(', ');
}

/**
 * The same entries in an order that stood before: rows do not change places under a pointer. What is new comes last.
 *
 * @param held keys in their order.
 */
export function keepOrder(entries: readonly FleetEntry[], held: readonly string[]): readonly FleetEntry[] {
  const places = new Map(held.map((key, place) => [key, place]));
  const placeOf = (entry: FleetEntry): number => places.get(keyOf(entry)) ?? held.length;
  return entries.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** How the list is looked at; stands in the address, so that it is there again after a service was opened. */
export interface Looking {
  readonly search: string;
  /** Only services in this state; null for all. */
  readonly state: HealthState | null;
  readonly sorting: Sorting;
  readonly byOwner: boolean;
}

const sortKeys: readonly SortKey[] = ['state', 'name', 'owner'];

export function readLooking(query: string): Looking {
  const given = new URLSearchParams(query);
  const sort = given.get('sort') ?? '';
  const by = sortKeys.find((key) => key === sort.replace(/^-/, '')) ?? 'state';
  return {
    search: given.get('search') ?? '',
    state: statesByWorst.find((state) => state === given.get('state')) ?? null,
    sorting: { by, reversed: sort.startsWith('-') },
    byOwner: given.get('group') === 'owner',
  };
}

/** Empty where all is as it is by default. */
export function lookingQuery({ search, state, sorting, byOwner }: Looking): string {
  const { by, reversed } = sorting;
  const query = new URLSearchParams({
    ...(search === '' ? {} : { search }),
    ...(state === null ? {} : { state }),
    ...(by === 'state' && !reversed ? {} : { sort: `${reversed ? '-' : ''}${by}` }),
    ...(byOwner ? { group: 'owner' } : {}),
  }).toString();
  return query === '' ? '' : `?${query}`;
}

/** Share of requests that kept the promise, rounded down: what missed it once is never 100%. */
export function formatMet(share: number): string {
  return `${Math.floor(share * 10_000 + 1e-6) / 100}%`;
}
