import { hourMs } from '../row.ts';
import type { Span } from '../span.ts';
import { bookMoment } from './book-moment.ts';
import type { Books, Held, Moment, SlotWalk } from './slot-walk.ts';

/** Books all of the time of one slot: cuts it wherever something changes, and decides each part by `decideShareState`. */
export function walkSlot(walk: SlotWalk, books: Books): void {
  const cuts = cutsOf(walk);
  const pointers = walk.holders.map(() => ({ activity: 0, use: 0 }));
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [fromMs = 0, toMs = 0] = [cuts[index], cuts[index + 1]];
    const at = (each: Span): boolean => each.fromMs <= fromMs && fromMs < each.toMs;
    const holders = walk.holders.flatMap((holder, which): readonly Held[] => {
      if (!at(holder.claim)) return [];
      const pointer = pointers[which] ?? { activity: 0, use: 0 };
      while ((holder.activities[pointer.activity]?.toMs ?? Infinity) <= fromMs) pointer.activity += 1;
      while ((holder.uses[pointer.use]?.toMs ?? Infinity) <= fromMs) pointer.use += 1;
      const use = holder.uses[pointer.use];
      const usedMilli = use !== undefined && use.fromMs <= fromMs ? use.milli : null;
      return [{ ...holder, activity: holder.activities[pointer.activity] ?? null, usedMilli }];
    });
    const sighted = walk.sightings.filter(
      (sighting) => at(sighting) && !holders.some(({ claim }) => claim.claim === sighting.holder),
    );
    for (const { holder } of sighted) books.errors.addLost(walk, { fromMs, toMs }, holder);
    const reservations = walk.reservations.filter(at);
    const moment: Moment = {
      fromMs,
      toMs,
      holders,
      reservations,
      seen: {
        inTwoPools: walk.span.alsoElsewhere.some(at),
        isSighted: sighted.length > 0,
        gap: walk.gaps.find(at)?.cause ?? null,
        isReserved: reservations.length > 0,
        isStranded: walk.slot.use === 'stranded',
        isLayoutUnknown: walk.slot.use === 'unknown',
      },
    };
    bookMoment(walk, moment, books);
  }
}

/** All times at which something about the slot may change, in order, each once. */
function cutsOf(walk: SlotWalk): readonly number[] {
  const cuts = new Set<number>([walk.fromMs, walk.toMs]);
  const add = ({ fromMs, toMs }: Span): void => {
    if (fromMs > walk.fromMs && fromMs < walk.toMs) cuts.add(fromMs);
    if (toMs > walk.fromMs && toMs < walk.toMs) cuts.add(toMs);
  };
  for (let hour = Math.ceil(walk.fromMs / hourMs) * hourMs; hour < walk.toMs; hour += hourMs) cuts.add(hour);
  for (const { claim, activities, uses } of walk.holders) {
    add(claim);
    activities.forEach(add);
    uses.forEach(add);
  }
  walk.gaps.forEach(add);
  walk.reservations.forEach(add);
  walk.sightings.forEach(add);
  walk.span.alsoElsewhere.forEach(add);
  return [...cuts].sort((a, b) => a - b);
}
