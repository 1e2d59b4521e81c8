import { PlimsollError } from '../../units/errors.ts';
import { cutActivities } from './account/activities.ts';
import { ErrorBook } from './account/error-book.ts';
import { HourBook } from './account/hour-book.ts';
import { readClaims, slotOfHold, type Claim } from './account/read-claims.ts';
import { isHidden, overlaysOn, readOverlays, type Overlays } from './account/read-overlays.ts';
import { readUses, type PlacedUse } from './account/read-uses.ts';
import { readWork, type PlacedAccount } from './account/read-work.ts';
import type { Books, Holder } from './account/slot-walk.ts';
import { walkSlot } from './account/walk-slot.ts';
import { labelIdle } from './causes/label-idle.ts';
import { assertClaimsBooked, assertConserved, supplyOf } from './conservation.ts';
import { coresSlot, isHeld } from './devices/device-slots.ts';
import { partsOfHold } from './devices/parts-of-hold.ts';
import { readInventory, type DeviceSpan } from './devices/read-inventory.ts';
import type { LedgerFact } from './fact.ts';
import { sortErrors } from './record/make-error.ts';
import { placeFactsInSteps, type PlacedFact } from './record/place-facts.ts';
import { mergeRows } from './merge-rows.ts';
import { hourMs, type LedgerError, type LedgerRow, type LedgerWindow } from './row.ts';
import { cutSpan } from './span.ts';
import { runSteps } from './steps.ts';

export interface DerivedLedger {
  /** In order of hour, pool, device and label. */
  readonly rows: readonly LedgerRow[];
  /** What in the facts cannot be true. The rows add up all the same. */
  readonly errors: readonly LedgerError[];
}

/**
 * Returns the rows of whole hours from recorded facts. The same facts give the same digits, whatever order they come in. Facts
 * before the window say what stands at its beginning; facts after it count as far as they tell of the window.
 *
 * 1. The inventory says which devices exist, with which slots.
 * 2. Claims, gaps, reservations and sightings are laid on the slots, and each part is decided by `decideShareState`.
 * 3. Hours are closed: milliseconds times parts become device-milliseconds by largest remainder.
 * 4. The rows are held against the inventory, and each claim against its own facts.
 *
 * @throws PlimsollError `ledger-window-invalid` (input); `ledger-not-conserved`, `ledger-claim-not-booked` (bug). Wrong facts
 * throw nothing: they are errors in the result, or `unattributable` with a reason.
 */
export function deriveLedgerRows(facts: readonly LedgerFact[], window: LedgerWindow): DerivedLedger {
  return runSteps(deriveLedgerInSteps(facts, window));
}

/**
 * As `deriveLedgerRows`, in steps of some milliseconds, so that whoever derives a large fleet can do something else between two
 * of them. Nothing is returned before the last step.
 */
export function* deriveLedgerInSteps(
  facts: readonly LedgerFact[],
  window: LedgerWindow,
): Generator<undefined, DerivedLedger> {
  const { placed, errors } = yield* placeFactsInSteps(facts);
  const derived = yield* derivePlacedInSteps(placed, window);
  return { rows: derived.rows, errors: sortErrors([...errors, ...derived.errors]) };
}

/** As `deriveLedgerRows`, of facts that have their place in wall time already. They are in order. */
export function derivePlacedRows(placed: readonly PlacedFact[], window: LedgerWindow): DerivedLedger {
  return runSteps(derivePlacedInSteps(placed, window));
}

/** Devices, or claims, of one step. */
const atOnce = 25;

function* derivePlacedInSteps(
  placed: readonly PlacedFact[],
  window: LedgerWindow,
): Generator<undefined, DerivedLedger> {
  checkWindow(window);
  const untilMs = Math.max(window.toMs, placed.at(-1)?.atMs ?? window.toMs);
  const inventory = readInventory(placed, untilMs);
  yield;
  const { claims, errors: claimErrors } = readClaims(placed, untilMs);
  yield;
  const overlays = readOverlays(placed, untilMs);
  const { holders, errors: workErrors } = yield* placeHolders(claims, placed, window);
  const errorBook = new ErrorBook();
  const claimed = new Map<string, number>();
  const booked: LedgerRow[] = [];
  for (const [index, span] of inventory.spans.entries()) {
    if (index % atOnce === 0) yield;
    const hours = new HourBook(span);
    bookDevice(span, holders, overlays, window, { hours, errors: errorBook, claimed });
    booked.push(...hours.close());
  }
  yield;
  const rows = mergeRows(booked);
  yield;
  assertConserved(rows, supplyOf(inventory.spans, window));
  const holdErrors = assertClaimsBooked(claims, inventory.spans, claimed, window);
  const told = [...inventory.errors, ...claimErrors, ...overlays.errors, ...workErrors].filter(
    ({ fromMs, toMs }) => fromMs < window.toMs && toMs >= window.fromMs,
  );
  return { rows, errors: sortErrors([...told, ...errorBook.errors, ...holdErrors]) };
}

type HoldersBySlot = ReadonlyMap<string, readonly Holder[]>;

const slotKey = (device: string, slot: string): string => JSON.stringify([device, slot]);

/** Returns the claims of a window by the slot that they hold, in order of their beginning. */
function* placeHolders(
  claims: readonly Claim[],
  placed: readonly PlacedFact[],
  window: LedgerWindow,
): Generator<undefined, { readonly holders: HoldersBySlot; readonly errors: readonly LedgerError[] }> {
  const accounts = new Map<string, PlacedAccount[]>();
  const uses = new Map<string, PlacedUse[]>();
  for (const fact of placed) {
    if (fact.kind === 'use-measured') {
      const key = slotKey(fact.device, fact.claim);
      const own = uses.get(key);
      if (own === undefined) uses.set(key, [fact]);
      else own.push(fact);
    }
    if (fact.kind !== 'work-account') continue;
    const own = accounts.get(fact.claim);
    if (own === undefined) accounts.set(fact.claim, [fact]);
    else own.push(fact);
  }
  yield;
  const causes = labelIdle(claims, placed);
  const holders = new Map<string, Holder[]>();
  const errors: LedgerError[] = [];
  for (const [index, claim] of claims.entries()) {
    if (index % atOnce === 0) yield;
    if (cutSpan(claim, window) === null) continue;
    const own = (accounts.get(claim.claim) ?? []).sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1));
    const work = readWork(claim, own);
    errors.push(...work.errors);
    const activities = cutActivities(claim, work.spans, causes.get(claim.claim) ?? [], window);
    claim.holds.forEach((hold, index) => {
      const key = slotKey(hold.device, slotOfHold(hold) ?? coresSlot);
      const measured = uses.get(slotKey(hold.device, claim.claim)) ?? [];
      const holder: Holder = {
        ...{ claim, activities, isFirstHold: index === 0, uses: readUses(measured) },
        parts: partsOfHold(hold),
        isDefault: 'milliCores' in hold && hold.isDefault === true,
      };
      const before = holders.get(key);
      if (before === undefined) holders.set(key, [holder]);
      else before.push(holder);
    });
  }
  return { holders, errors };
}

function bookDevice(
  span: DeviceSpan,
  holders: HoldersBySlot,
  overlays: Overlays,
  window: LedgerWindow,
  books: Books,
): void {
  const hidden = overlays.gaps.filter((gap) => isHidden(gap, span));
  for (const layout of span.layouts) {
    const inside = cutSpan(layout, window);
    if (inside === null) continue;
    const overlaps = (each: { readonly fromMs: number; readonly toMs: number }): boolean =>
      cutSpan(each, inside) !== null;
    for (const slot of layout.slotted.slots) {
      const own = isHeld(slot) ? (holders.get(slotKey(span.device, slot.slot)) ?? []) : [];
      const walk = {
        ...inside,
        span,
        slotted: layout.slotted,
        slot,
        holders: own.filter(({ claim }) => overlaps(claim)),
        gaps: hidden.filter(overlaps),
        reservations: overlaysOn(overlays.reservations, span.device, slot.slot).filter(overlaps),
        sightings: overlaysOn(overlays.sightings, span.device, slot.slot).filter(overlaps),
      };
      walkSlot(walk, books);
    }
  }
}

function checkWindow({ fromMs, toMs }: LedgerWindow): void {
  if (fromMs < toMs && fromMs % hourMs === 0 && toMs % hourMs === 0) return;
  throw new PlimsollError({
    code: 'ledger-window-invalid',
    category: 'input',
    message: `the window from ${fromMs} to ${toMs} does not begin and end at full hours, or holds none`,
    next: 'give the start of an hour and the start of a later one',
  });
}
