/** What can be found by how many requests it holds; `FreeSeats` alone writes these. */
export interface Seated<T> {
  seat: number;
  nextSeated: T | null;
  lastSeated: T | null;
}

/**
 * Replicas with room, one list for each number of requests under way, so that the one with the fewest is found without
 * looking at all. Equals take turns: who comes last into a list is taken last. As `leastOutstanding` of the gateway.
 */
export class FreeSeats<T extends Seated<T>> {
  readonly #first: (T | null)[];
  readonly #last: (T | null)[];
  /** No list below it has an entry. */
  #lowest: number;

  /** @param room requests that one replica holds at most. */
  constructor(room: number) {
    this.#first = new Array<T | null>(room).fill(null);
    this.#last = new Array<T | null>(room).fill(null);
    this.#lowest = room;
  }

  /** The one with the fewest under way, null when none has room. */
  least(): T | null {
    for (const lists = this.#first; this.#lowest < lists.length; this.#lowest += 1) {
      const first = lists[this.#lowest] as T | null;
      if (first !== null) return first;
    }
    return null;
  }

  /** @param held requests under way, below `room`; -1 takes it out. */
  put(entry: T, held: number): void {
    if (entry.seat === held) return;
    if (entry.seat >= 0) this.#unlink(entry);
    entry.seat = held;
    if (held < 0) return;
    const last = this.#last[held] as T | null;
    entry.lastSeated = last;
    entry.nextSeated = null;
    if (last === null) this.#first[held] = entry;
    else last.nextSeated = entry;
    this.#last[held] = entry;
    if (held < this.#lowest) this.#lowest = held;
  }

  #unlink(entry: T): void {
    const { lastSeated, nextSeated, seat } = entry;
    if (lastSeated === null) this.#first[seat] = nextSeated;
    else lastSeated.nextSeated = nextSeated;
    if (nextSeated === null) this.#last[seat] = lastSeated;
    else nextSeated.lastSeated = lastSeated;
    entry.lastSeated = null;
    entry.nextSeated = null;
  }
}
