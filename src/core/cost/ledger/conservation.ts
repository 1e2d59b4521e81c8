import { PlimsollError } from '../../units/errors.ts';
import type { Claim } from './account/read-claims.ts';
import { slotOfHold } from './account/read-claims.ts';
import { coresSlot, isHeld } from './devices/device-slots.ts';
import { partsOfHold } from './devices/parts-of-hold.ts';
import type { DeviceSpan } from './devices/read-inventory.ts';
import { makeError } from './record/make-error.ts';
import { hourMs, hourOf, type LedgerError, type LedgerRow, type LedgerWindow } from './row.ts';
import { cutSpan, type Span } from './span.ts';

/** Device-milliseconds that exist, by pool and hour. */
export type Supply = ReadonlyMap<string, { readonly pool: string; readonly hourMs: number; readonly deviceMs: number }>;

const supplyKey = (pool: string, hour: number): string => JSON.stringify([pool, hour]);

/** Returns wall clock times devices, by pool and hour, from the inventory alone. */
export function supplyOf(spans: readonly DeviceSpan[], window: LedgerWindow): Supply {
  const supply = new Map<string, { pool: string; hourMs: number; deviceMs: number }>();
  for (const { pool, layouts } of spans) {
    for (const { slotted, ...layout } of layouts) {
      const inside = cutSpan(layout, window);
      if (inside === null) continue;
      for (let hour = hourOf(inside.fromMs); hour < inside.toMs; hour += hourMs) {
        const lastedMs = Math.min(inside.toMs, hour + hourMs) - Math.max(inside.fromMs, hour);
        const key = supplyKey(pool, hour);
        const deviceMs = lastedMs * slotted.devices + (supply.get(key)?.deviceMs ?? 0);
        supply.set(key, { pool, hourMs: hour, deviceMs });
      }
    }
  }
  return supply;
}

/**
 * Asserts that the rows of each pool and hour add up to the devices that exist, in both accounts, to the millisecond. A row of
 * a pool or an hour without devices fails too.
 * @throws PlimsollError `ledger-not-conserved` (bug), with pool, hour and both sums.
 */
export function assertConserved(rows: readonly LedgerRow[], supply: Supply): void {
  const sums = new Map<string, { pool: string; hourMs: number; compute: number; memory: number }>();
  for (const row of rows) {
    const key = supplyKey(row.pool, row.hourMs);
    const sum = sums.get(key) ?? { pool: row.pool, hourMs: row.hourMs, compute: 0, memory: 0 };
    sum.compute += row.computeMs;
    sum.memory += row.memoryMs;
    sums.set(key, sum);
  }
  for (const [key, { pool, hourMs: hour, deviceMs }] of supply) {
    const { compute = 0, memory = 0 } = sums.get(key) ?? {};
    if (compute !== deviceMs || memory !== deviceMs) throw notConserved(pool, hour, deviceMs, compute, memory);
    sums.delete(key);
  }
  for (const { pool, hourMs: hour, compute, memory } of sums.values()) {
    if (compute !== 0 || memory !== 0) throw notConserved(pool, hour, 0, compute, memory);
  }
}

/**
 * Asserts that each claim was booked for all of the time that it held a share that exists: what its own facts say, against what
 * the walk over the devices counted for it. Time on shares that do not exist is returned as errors.
 *
 * @param claimed milliseconds times parts of compute by claim, as they were booked.
 * @throws PlimsollError `ledger-claim-not-booked` (bug), with the claim and both amounts.
 */
export function assertClaimsBooked(
  claims: readonly Claim[],
  spans: readonly DeviceSpan[],
  claimed: ReadonlyMap<string, number>,
  window: LedgerWindow,
): readonly LedgerError[] {
  const byDevice = Map.groupBy(spans, ({ device }) => device);
  const errors: LedgerError[] = [];
  for (const claim of claims) {
    const held = cutSpan(claim, window);
    if (held === null) continue;
    let expected = 0;
    for (const hold of claim.holds) {
      const slot = slotOfHold(hold) ?? coresSlot;
      const parts = partsOfHold(hold);
      const found = heldParts(byDevice.get(hold.device) ?? [], slot, parts, held);
      expected += found.partMs;
      const missingMs = held.toMs - held.fromMs - found.lastedMs;
      if (missingMs === 0) continue;
      const message = `${claim.claim} holds the slot ${slot} of ${hold.device} for ${missingMs} ms in which there is none`;
      const about = { ...held, device: hold.device, slot, claims: [claim.claim], shareMs: missingMs, message };
      errors.push(makeError('claim-without-device', about));
    }
    const booked = claimed.get(claim.claim) ?? 0;
    if (booked !== expected) throw notBooked(claim.claim, expected, booked);
  }
  return errors;
}

/** Milliseconds that a slot exists in a span, alone and times its parts. */
function heldParts(
  spans: readonly DeviceSpan[],
  slot: string,
  parts: number | null,
  held: Span,
): { readonly partMs: number; readonly lastedMs: number } {
  let [partMs, lastedMs] = [0, 0];
  for (const { layouts } of spans) {
    for (const { slotted, ...layout } of layouts) {
      const inside = cutSpan(layout, held);
      const found = inside && slotted.slots.find((each) => each.slot === slot && isHeld(each));
      if (inside === null || found === undefined || found === null) continue;
      lastedMs += inside.toMs - inside.fromMs;
      partMs += (inside.toMs - inside.fromMs) * (slotted.unit === 'core' ? (parts ?? found.compute) : found.compute);
    }
  }
  return { partMs, lastedMs };
}

function notConserved(pool: string, hour: number, deviceMs: number, compute: number, memory: number): PlimsollError {
  return new PlimsollError({
    code: 'ledger-not-conserved',
    category: 'bug',
    message:
      `pool ${pool}, hour ${new Date(hour).toISOString()}: ${deviceMs} device-milliseconds exist, ` +
      `${compute} of compute and ${memory} of memory are booked`,
    next: 'report this with the facts of that hour',
    details: { pool, hourMs: hour, deviceMs, compute, memory },
  });
}

function notBooked(claim: string, expected: number, booked: number): PlimsollError {
  return new PlimsollError({
    code: 'ledger-claim-not-booked',
    category: 'bug',
    message: `claim ${claim} held ${expected} part-milliseconds, and ${booked} are booked`,
    next: 'report this with the facts of that claim',
    details: { claim, expected, booked },
  });
}
