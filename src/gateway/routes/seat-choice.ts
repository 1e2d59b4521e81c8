import type { Seat } from './replica.ts';

export interface Split {
  readonly share: number;
  readonly seats: readonly Seat[];
  /** Running balance of smooth weighted choice; starts at 0. */
  credit: number;
}

/**
 * The free replica with the fewest requests on it. `from` turns the order, so that equals take turns.
 * Null when none is free.
 */
export function leastOutstanding(seats: readonly Seat[], free: (seat: Seat) => boolean, from: number): Seat | null {
  let best: Seat | null = null;
  for (let step = 0; step < seats.length; step += 1) {
    const seat = seats[(from + step) % seats.length] as Seat;
    if ((best === null || seat.replica.inFlight < best.replica.inFlight) && free(seat)) best = seat;
  }
  return best;
}

/**
 * Smooth weighted choice among the splits that can serve now: every one earns its share, the richest pays one. Over n
 * choices a split gets its share of n to within one, without a random number. A split without a free replica neither earns
 * nor pays: its requests go to the others meanwhile, and it does not catch up afterwards.
 * (The scheme of nginx's upstream module since 1.3.1, 2012.)
 */
export function chooseSeat(splits: readonly Split[], free: (seat: Seat) => boolean, from: number): Seat | null {
  const only = splits[0];
  if (splits.length === 1 && only !== undefined) return leastOutstanding(only.seats, free, from);
  let richest: Split | null = null;
  let chosen: Seat | null = null;
  let earned = 0;
  for (const split of splits) {
    const seat = split.share > 0 ? leastOutstanding(split.seats, free, from) : null;
    if (seat === null) continue;
    split.credit += split.share;
    earned += split.share;
    if (richest === null || split.credit > richest.credit) [richest, chosen] = [split, seat];
  }
  if (richest !== null) richest.credit -= earned;
  return chosen;
}
