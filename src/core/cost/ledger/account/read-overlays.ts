import type { GapScope, HolderSighted, Hold } from '../fact.ts';
import { makeError } from '../record/make-error.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { LedgerError } from '../row.ts';
import type { Span } from '../span.ts';
import type { GapCause, Owner } from '../state.ts';
import { coresSlot } from '../devices/device-slots.ts';
import type { DeviceSpan } from '../devices/read-inventory.ts';
import { slotOfHold } from './read-claims.ts';

export interface Gap extends Span {
  readonly cause: GapCause;
  readonly scope: GapScope;
}

export interface Reservation extends Span {
  readonly holds: readonly Hold[];
  readonly owner: Owner | null;
}

export interface Sighting extends Span {
  readonly device: string;
  readonly slot: string;
  readonly holder: HolderSighted['holder'];
}

/** What lies over the claims of a device: what nobody could see, what is kept, and what others saw. */
export interface Overlays {
  readonly gaps: readonly Gap[];
  readonly reservations: BySlot<Reservation>;
  readonly sightings: BySlot<Sighting>;
}

/** By device and slot, in order of what was recorded. */
export type BySlot<Each> = ReadonlyMap<string, readonly Each[]>;

const slotKey = (device: string, slot: string): string => JSON.stringify([device, slot]);

/** Returns what lies on one slot. */
export const overlaysOn = <Each>(overlays: BySlot<Each>, device: string, slot: string): readonly Each[] =>
  overlays.get(slotKey(device, slot)) ?? [];

/**
 * Returns gaps, reservations and sightings as spans. A gap or a reservation that nothing ends lasts until `untilMs`; an end
 * without a beginning is an error.
 */
export function readOverlays(
  placed: readonly PlacedFact[],
  untilMs: number,
): Overlays & { readonly errors: readonly LedgerError[] } {
  const gaps = new Map<string, Gap>();
  const kept = new Map<string, Reservation>();
  const ended: { readonly gaps: Gap[]; readonly reservations: Reservation[] } = { gaps: [], reservations: [] };
  const sightings: Sighting[] = [];
  const errors: LedgerError[] = [];
  for (const fact of placed) {
    const { atMs } = fact;
    if (fact.kind === 'gap-began' && !gaps.has(fact.gap)) {
      gaps.set(fact.gap, { cause: fact.cause, scope: fact.scope, fromMs: atMs, toMs: untilMs });
    } else if (fact.kind === 'reservation-began' && !kept.has(fact.reservation)) {
      kept.set(fact.reservation, { holds: fact.holds, owner: fact.owner, fromMs: atMs, toMs: untilMs });
    } else if (fact.kind === 'gap-ended') {
      const gap = gaps.get(fact.gap);
      if (gap === undefined) errors.push(unmatched(`gap ${fact.gap}`, atMs));
      else ended.gaps.push({ ...gap, toMs: atMs });
      gaps.delete(fact.gap);
    } else if (fact.kind === 'reservation-ended') {
      const reservation = kept.get(fact.reservation);
      if (reservation === undefined) errors.push(unmatched(`reservation ${fact.reservation}`, atMs));
      else ended.reservations.push({ ...reservation, toMs: atMs });
      kept.delete(fact.reservation);
    } else if (fact.kind === 'holder-sighted') {
      const { device, slot, holder, fromMs } = fact;
      sightings.push({ device, slot, holder, fromMs, toMs: atMs });
    }
  }
  const isTime = ({ fromMs, toMs }: Span): boolean => fromMs < toMs;
  return {
    gaps: [...ended.gaps, ...gaps.values()].filter(isTime),
    reservations: bySlot([...ended.reservations, ...kept.values()].filter(isTime), ({ holds }) =>
      holds.map((hold) => slotKey(hold.device, slotOfHold(hold) ?? coresSlot)),
    ),
    sightings: bySlot(sightings.filter(isTime), ({ device, slot }) => [slotKey(device, slot)]),
    errors,
  };
}

function bySlot<Each>(all: readonly Each[], keysOf: (each: Each) => readonly string[]): BySlot<Each> {
  const found = new Map<string, Each[]>();
  for (const each of all) {
    for (const key of keysOf(each)) {
      const own = found.get(key);
      if (own === undefined) found.set(key, [each]);
      else own.push(each);
    }
  }
  return found;
}

/** Whether a gap hides a device. */
export function isHidden({ scope }: Gap, { device, pool, node }: DeviceSpan): boolean {
  switch (scope.of) {
    case 'all':
      return true;
    case 'pool':
      return scope.pool === pool;
    case 'node':
      return scope.node === node;
    case 'device':
      return scope.device === device;
  }
}

const unmatched = (what: string, atMs: number): LedgerError =>
  makeError('gap-unmatched', { fromMs: atMs, toMs: atMs, message: `${what} ended and never began` });
