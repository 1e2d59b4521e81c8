import type { DeviceSlot, SlottedDevice } from '../devices/device-slots.ts';
import type { DeviceSpan } from '../devices/read-inventory.ts';
import type { Span } from '../span.ts';
import type { Grade, SeenShare } from '../state.ts';
import type { ActivitySpan } from './activities.ts';
import type { ErrorBook } from './error-book.ts';
import type { HourBook } from './hour-book.ts';
import type { Claim } from './read-claims.ts';
import type { Gap, Reservation, Sighting } from './read-overlays.ts';
import type { UseSpan } from './read-uses.ts';

/** A claim on one slot. */
export interface Holder {
  readonly claim: Claim;
  readonly activities: readonly ActivitySpan[];
  /** Thousandths of a core, or of a slot that it may be on; null for the whole slot. */
  readonly parts: number | null;
  /** Whether answers and tokens of the claim are counted here: on the first of its holds only. */
  readonly isFirstHold: boolean;
  /** Of cores: `parts` is the least that it is charged, because nobody said how many it holds. */
  readonly isDefault: boolean;
  /** What was measured of it on this device, in order and without overlap. */
  readonly uses: readonly UseSpan[];
}

/** One slot while its layout stands, with all that lies on it. */
export interface SlotWalk extends Span {
  readonly span: DeviceSpan;
  readonly slotted: SlottedDevice;
  readonly slot: DeviceSlot;
  /** In order of their beginning. */
  readonly holders: readonly Holder[];
  readonly gaps: readonly Gap[];
  readonly reservations: readonly Reservation[];
  readonly sightings: readonly Sighting[];
  /** Set while several claims hold more than there is: how their parts are known. */
  readonly sharedBy?: Grade;
}

export interface Books {
  readonly hours: HourBook;
  readonly errors: ErrorBook;
  /** Milliseconds times parts of compute that were booked for a claim, errors included. */
  readonly claimed: Map<string, number>;
}

/** A claim at one moment. */
export interface Held extends Holder {
  /** Null where the claim tells nothing of the moment, which does not happen. */
  readonly activity: ActivitySpan | null;
  /** Thousandths of a device that it used; null where nobody measured. */
  readonly usedMilli: number | null;
}

/** The slot between two cuts: nothing changes in it. */
export interface Moment extends Span {
  readonly holders: readonly Held[];
  readonly seen: Pick<SeenShare, 'inTwoPools' | 'isSighted' | 'gap' | 'isReserved' | 'isStranded' | 'isLayoutUnknown'>;
  /** In order of what was recorded. A slot of a device has the first of them; cores have as many as fit. */
  readonly reservations: readonly Reservation[];
}
