/** What is kept in the list, and where it is there; -1 while it is not. */
export interface Listed {
  openAt: number;
}

/**
 * The exchanges that are not over, in no order.
 *
 * An array that each of them knows its own place in, and not a Set: where V8 makes a Set a new table, the old table keeps
 * what was in it and points to the new one. Once one of them is in the old generation, no young table is ever free before
 * the next full collection, and most requests are copied twice before they are (measured: 2 kB of 17 kB a request).
 */
export class OpenExchanges<E extends Listed> {
  readonly #list: E[] = [];

  get size(): number {
    return this.#list.length;
  }

  add(exchange: E): void {
    exchange.openAt = this.#list.length;
    this.#list.push(exchange);
  }

  /** Puts the last one in its place; nothing happens where it is not in the list. */
  remove(exchange: E): void {
    const at = exchange.openAt;
    if (at < 0) return;
    exchange.openAt = -1;
    const last = this.#list.pop() as E;
    if (last === exchange) return;
    last.openAt = at;
    this.#list[at] = last;
  }

  /** Calls `visit` for each of them, from the last; it may remove any. */
  each(visit: (exchange: E) => void): void {
    for (let at = this.#list.length - 1; at >= 0; at -= 1) {
      const exchange = this.#list[at];
      if (exchange !== undefined) visit(exchange);
    }
  }

  filter(wanted: (exchange: E) => boolean): E[] {
    return this.#list.filter(wanted);
  }
}
