import { endTag, findWhoGivesWay, startTag } from '../../core/access/shares/fair-order.ts';

/** A client as far as its waiting requests are concerned; the line keeps the last three. */
export interface WaitingClient {
  readonly weight: number;
  waiting: number;
  /** Where its request before ends in virtual time. */
  endTag: number;
}

/** Who can stand in a line, and whether it does. */
export interface InLine {
  waits: boolean;
  /** Its place in virtual time; the line sets it. */
  startTag: number;
  readonly client: WaitingClient;
  /** What it counts for, see `requestCost`. */
  readonly cost: number;
}

/**
 * Those who wait, in fair order among clients (core/access/shares/fair-order.ts) and oldest first of one client. An array and not a
 * Set, for the reason that open-exchanges.ts gives: the queue's limit bounds it, and who leaves is nearly always the first.
 */
export class WaitingLine<R extends InLine> {
  readonly #line: R[] = [];
  readonly #clients = new Set<WaitingClient>();
  #virtualTime = 0;
  #lastEnd = 0;

  get size(): number {
    return this.#line.length;
  }

  join(request: R): void {
    const { client } = request;
    const start = startTag(this.#virtualTime, client.endTag);
    request.waits = true;
    request.startTag = start;
    client.endTag = endTag(start, request.cost, client.weight);
    this.#lastEnd = Math.max(this.#lastEnd, client.endTag);
    client.waiting += 1;
    if (client.waiting === 1) this.#clients.add(client);
    this.#line.splice(this.#placeAfter(start), 0, request);
  }

  /** It gets its replica. Nothing happens where it does not wait. */
  serve(request: R): void {
    if (!request.waits) return;
    this.#virtualTime = Math.max(this.#virtualTime, request.startTag);
    this.#remove(request);
  }

  /** It goes without one: its client is not charged for it. Nothing happens where it does not wait. */
  leave(request: R): void {
    if (!request.waits) return;
    this.#remove(request);
    const { client } = request;
    const last = this.#newestOf(client)?.startTag ?? this.#virtualTime;
    client.endTag = Math.max(last, client.endTag - request.cost / client.weight);
  }

  /** Whose newest request gives its place up for one more of `client`; null where `client` gets none. */
  findWhoGivesWay(client: WaitingClient): R | null {
    const victim = findWhoGivesWay(client, this.#clients);
    return victim === null ? null : this.#newestOf(victim);
  }

  /** Calls `visit`, which may let the one that it is given leave, in order until it returns false. */
  each(visit: (request: R) => boolean): void {
    let at = 0;
    while (at < this.#line.length) {
      const request = this.#line[at] as R;
      if (!visit(request)) return;
      if (this.#line[at] === request) at += 1;
    }
  }

  #newestOf(client: WaitingClient): R | null {
    return this.#line.findLast((request) => request.client === client) ?? null;
  }

  #remove(request: R): void {
    const { client } = request;
    request.waits = false;
    client.waiting -= 1;
    if (client.waiting === 0) this.#clients.delete(client);
    if (this.#line[0] === request) this.#line.shift();
    else this.#line.splice(this.#line.indexOf(request), 1);
    // Nobody waits: whoever comes next begins without debts.
    if (this.#line.length === 0) this.#virtualTime = this.#lastEnd;
  }

  /** Behind all that start no later. */
  #placeAfter(start: number): number {
    let [low, high] = [0, this.#line.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#line[middle] as R).startTag <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
