/** Who can stand in a line, and whether it does. */
export interface InLine {
  waits: boolean;
}

/**
 * Those who wait, oldest first. An array and not a Set, for the reason that open-exchanges.ts gives: the queue's limit
 * bounds it, and who leaves is nearly always the first.
 */
export class WaitingLine<R extends InLine> {
  readonly #line: R[] = [];

  get size(): number {
    return this.#line.length;
  }

  join(request: R): void {
    request.waits = true;
    this.#line.push(request);
  }

  /** Nothing happens where it does not wait. */
  leave(request: R): void {
    if (!request.waits) return;
    request.waits = false;
    if (this.#line[0] === request) this.#line.shift();
    else this.#line.splice(this.#line.indexOf(request), 1);
  }

  /** Calls `visit`, which may let the one that it is given leave, from the oldest on until it returns false. */
  each(visit: (request: R) => boolean): void {
    let at = 0;
    while (at < this.#line.length) {
      const request = this.#line[at] as R;
      if (!visit(request)) return;
      if (this.#line[at] === request) at += 1;
    }
  }
}
