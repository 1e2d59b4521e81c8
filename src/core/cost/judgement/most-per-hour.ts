import type { Contract } from '../../contract/contract.ts';
import { effectiveScaling } from '../../contract/defaults.ts';
import { findPrice } from '../prices/find-price.ts';
import type { PriceBook } from '../prices/price-book.ts';

/**
 * Releases of one service that may hold devices at once: the live one, one that comes in, the previous one that is kept, and one
 * whose replicas finish their requests.
 */
const releasesAtOnce = 4;

/**
 * Returns the most that a service can cost in an hour, in millionths: each release with `scaling.replicas.max` replicas of whole
 * devices, at the dearest price that is valid now. Null where that is not bounded: another autoscaler writes the number, or
 * commitments are paid for whether a replica runs or not; or where nothing has a price.
 *
 * Worked: one replica at most, of one core at 0.04 an hour: 0.16.
 */
export function mostMicrosPerHour(contract: Contract, book: PriceBook, pool: string, atMs: number): number | null {
  const { actuator, replicas } = effectiveScaling(contract);
  if (actuator === 'none' || book.commitments.length > 0) return null;
  const { hardware } = contract;
  const isCore = hardware === undefined || hardware.accelerator === 'cpu';
  const classes = isCore ? ['cores'] : book.devices.map(({ deviceClass }) => deviceClass);
  const prices = classes.flatMap((deviceClass) => {
    const price = findPrice(book, { pool, deviceClass, unit: isCore ? 'core' : 'accelerator' }, atMs);
    return price === null ? [] : [price.contractedMicros];
  });
  if (prices.length === 0) return null;
  const each = isCore ? (hardware?.host?.cpus ?? 1) : hardware.devices;
  return Math.max(...prices) * each * replicas.max * releasesAtOnce;
}
