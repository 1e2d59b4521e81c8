import type { DeviceAppeared, DeviceLayout, Hold } from '../ledger/fact.ts';
import { findPrice } from './find-price.ts';
import type { PriceBook } from './price-book.ts';

/** A device of the inventory, with the layout that it has now. */
export type PricedDevice = Pick<DeviceAppeared, 'pool' | 'deviceClass'> & { readonly layout: DeviceLayout };

/**
 * Returns what holds cost an hour, in whole millionths of the book's currency; null where the price of one of them is not known. An equal share
 * of a device costs that part of it. What a MIG instance costs is told by the account of its board, and is not known here.
 *
 * Worked: a whole device at 4 USD an hour and 500 thousandths of a core at 0.1 USD: 4.05 USD, 4,050,000.
 *
 * @param deviceOf null for a device that is not in the inventory
 */
export function priceHolds(
  holds: readonly Hold[],
  deviceOf: (device: string) => PricedDevice | null,
  book: PriceBook,
  atMs: number,
): number | null {
  let micros = 0;
  for (const hold of holds) {
    const device = deviceOf(hold.device);
    const share = device === null ? null : shareOf(hold, device.layout);
    if (device === null || share === null) return null;
    const price = findPrice(book, { ...device, unit: 'milliCores' in hold ? 'core' : 'accelerator' }, atMs);
    if (price === null) return null;
    micros += price.contractedMicros * share;
  }
  return Math.round(micros);
}

/** Of a device, or of one core. */
function shareOf(hold: Hold, layout: DeviceLayout): number | null {
  if ('milliCores' in hold) return layout.kind === 'cores' ? hold.milliCores / 1_000 : null;
  const part = (hold.milliSlot ?? 1_000) / 1_000;
  switch (layout.kind) {
    case 'whole':
      return part;
    case 'shared':
      return part / layout.shares;
    case 'mig':
    case 'cores':
      return null;
  }
}
