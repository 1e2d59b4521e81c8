import { priceHolds } from '../../core/cost/prices/price-holds.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import type { StandingFacts } from '../ledger/record/standing-facts.ts';
import { spareReservation } from './spare-facts.ts';

/**
 * Returns what spares that wait cost an hour, by what the ledger has reserved for them; null where there are no prices, or the ledger does not know
 * what one of them holds.
 */
export function priceSpares(
  { reservations, devices }: Pick<StandingFacts, 'reservations' | 'devices'>,
  spares: readonly ObservedSpare[],
  book: PriceBook | undefined,
  atMs: number,
): NonNullable<FleetSpares['pricePerHour']> | null {
  if (book === undefined) return null;
  const deviceOf = (name: string) => {
    const device = devices.get(name);
    return device === undefined
      ? null
      : { ...device.appeared, layout: device.layout?.layout ?? device.appeared.layout };
  };
  let micros = 0;
  for (const { spareId, state } of spares) {
    if (state === 'taken') continue;
    const reserved = reservations.get(spareReservation(spareId));
    const price = reserved === undefined ? null : priceHolds(reserved.holds, deviceOf, book, atMs);
    if (price === null) return null;
    micros += price;
  }
  return { micros, currency: book.currency };
}
