/**
 * Start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queueing", ACM SIGCOMM 1996). Each request that waits has a start
 * tag, and the least tag goes first:
 *
 *     start = max(virtual time, end of the client's request before)
 *     end   = start + cost / weight
 *
 * The virtual time is the start tag of the request that went last. A client that comes after a pause starts at the virtual time: it
 * saved nothing up, and waits behind nobody's backlog. Two clients that both always have requests waiting get
 * places in proportion to their weights, to within the cost of one request of each.
 */
export function startTag(virtualTime: number, clientEnd: number): number {
  return Math.max(virtualTime, clientEnd);
}

/** Returns the end tag of a request. @param cost `requestCost` of it. */
export function endTag(start: number, cost: number, weight: number): number {
  return start + cost / weight;
}

/** So many bytes of a body count as one more request. */
const bytesOfOne = 64 * 1024;

/**
 * Returns what a request counts for among those that wait: 1 for each row that it holds, and 1 more for each 64 KiB of its body.
 * @param rows 0 where the body tells none.
 * @param bytes of its body; 0 where it does not say.
 */
export function requestCost(rows: number, bytes: number): number {
  return Math.max(1, rows) + bytes / bytesOfOne;
}

/**
 * Returns how many seats of each replica a client leaves free:
 *
 * | the client | it leaves |
 * |---|---|
 * | is the only one that is known | none |
 * | holds less than half of all seats | none |
 * | holds half of them or more | an eighth, rounded down: who comes with a single request does not wait for one of that client's to end |
 *
 * @param seats of each replica. @param held by the client, on all replicas.
 */
export function seatsKeptFree(clients: number, held: number, seats: number, replicas: number): number {
  return clients < 2 || held * 2 < seats * replicas ? 0 : Math.floor(seats / 8);
}

/** How many requests of a client wait, and what part it may have. */
export interface Backlog {
  readonly waiting: number;
  readonly weight: number;
}

/**
 * Returns the client that gives up its newest request for one of `comer`, where the queue is full; null where `comer` has to be refused.
 *
 * | the longest backlog, by weight | then |
 * |---|---|
 * | is longer than that of `comer` with its request | that client gives up its newest |
 * | is not | `comer` is refused |
 *
 * So one flood leaves each other client at least a fair part of the queue ("longest queue drop", Suter and others, 1999).
 */
export function findWhoGivesWay<C extends Backlog>(comer: Backlog, clients: Iterable<C>): C | null {
  let longest: C | null = null;
  for (const client of clients) {
    if (longest === null || client.waiting / client.weight > longest.waiting / longest.weight) longest = client;
  }
  if (longest === null) return null;
  return longest.waiting / longest.weight > (comer.waiting + 1) / comer.weight ? longest : null;
}
