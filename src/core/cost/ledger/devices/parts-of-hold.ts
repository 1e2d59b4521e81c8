import type { Hold } from '../fact.ts';

/** Returns the thousandths of a core or of a slot that a hold is; null for a whole slot. */
export const partsOfHold = (hold: Hold): number | null =>
  'milliCores' in hold ? hold.milliCores : (hold.milliSlot ?? null);
