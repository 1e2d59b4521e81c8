import { hourMs } from '../src/core/cost/ledger/row.ts';
import type { LedgerEntry } from '../src/ports/records/ledger-records.ts';
import { hour0, owner } from '../src/testing/builders/cost/ledger-builders.ts';
import { pricedRow } from '../src/testing/builders/cost/price-builders.ts';

/**
 * Returns closed hours of made-up devices from `hour0` up to a time, as a store has them. Each device is idle for half of each
 * hour and serves in the other.
 */
export function makeClosedHours(
  devices: number,
  services: number,
  untilMs: number,
): (fromMs: number, toMs: number) => readonly LedgerEntry[] {
  const names = Array.from({ length: devices }, (_, index) => `gpu-${String(index).padStart(5, '0')}`);
  const rowsOf = (hour: number): LedgerEntry['rows'] =>
    names.flatMap((device, index) => {
      const own = { hourMs: hour, device, claim: `r-${index}`, owner: owner(`service-${index % services}`) };
      const half = { computeMs: hourMs / 2, memoryMs: hourMs / 2 };
      return [
        pricedRow({ ...own, ...half, cause: 'min-replicas' }),
        pricedRow({ ...own, ...half, state: 'serving', cause: null, filledMs: hourMs / 4 }),
      ];
    });
  return (fromMs, toMs) => {
    const entries: LedgerEntry[] = [];
    for (let hour = Math.max(fromMs, hour0); hour < Math.min(toMs, untilMs); hour += hourMs) {
      const rows = rowsOf(hour);
      entries.push({ hourMs: hour, entry: 1, derivedAtMs: 0, rows, newErrors: [], withdrawnErrors: [] });
    }
    return entries;
  };
}
