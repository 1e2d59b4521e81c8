import type { Cause } from '../cause.ts';
import type { Suspicions } from '../order/suspect-causes.ts';
import { readingTable } from '../readings/window-readings.ts';

/** One reason why something was not read, with what it leaves open. */
export interface Unread {
  readonly reason: string;
  /** What was not read, for people; each once. */
  readonly readings: readonly string[];
  /** Causes that are neither suspected nor excluded because of it. */
  readonly causes: readonly Cause[];
}

/** Returns what was not read, grouped by its reason, in the order of the questions. */
export function groupUnread({ notRead }: Pick<Suspicions, 'notRead'>): readonly Unread[] {
  const groups = new Map<string, { readonly readings: Set<string>; readonly causes: Set<Cause> }>();
  for (const { cause, missing } of notRead) {
    for (const { reading, reason } of missing) {
      const group = groups.get(reason) ?? { readings: new Set<string>(), causes: new Set<Cause>() };
      groups.set(reason, group);
      group.causes.add(cause);
      group.readings.add(readingTable[reading].label);
    }
  }
  return [...groups].map(([reason, { readings, causes }]) => ({
    reason,
    readings: [...readings],
    causes: [...causes],
  }));
}
