import type { GapScope, HolderSighted, Hold } from '../fact.ts';
import { makeError } from '../record/make-error.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { LedgerError } from '../row.ts';
import type { Span } from '../span.ts';
import type { GapCause, Owner } from '../state.ts';
import type { DeviceSpan } from '../devices/read-inventory.ts';

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
  readonly reservations: readonly Reservation[];
  readonly sightings: readonly Sighting[];
}

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
    reservations: [...ended.reservations, ...kept.values()].filter(isTime),
    sightings: sightings.filter(isTime),
    errors,
  };
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
