import { findWhoGivesWay } from './fair-order.ts';

interface Held<T> {
  readonly connection: T;
  readonly owner: Owner<T>;
  /** Requests under way on it. */
  requests: number;
  /** It had a request since it was last passed over. */
  wasUsed: boolean;
}

interface Owner<T> {
  readonly weight: 1;
  /** Connections that it holds; the name is that of `Backlog`. */
  waiting: number;
  /** Those that have been passed over least recently first. */
  readonly held: Map<T, Held<T>>;
}

export interface Arrival<T> {
  /** False: the connection that came has to be closed. */
  readonly taken: boolean;
  /** A connection that has to be closed for it; null where none. */
  readonly closed: T | null;
}

/** At most so many are looked at for one that came. */
const looksAtMost = 1_000;

/**
 * Holds connections together to a number, so that no client takes all of them.
 *
 * | a connection comes and all places are taken | then |
 * |---|---|
 * | whoever holds most has one without a request under way | of these, the one that was quiet for longest is closed |
 * | another one has such a connection | that one is closed |
 * | all are at work, one client holds more than the comer would | one of that client's is closed |
 * | all are at work, nobody holds more | the new one is closed |
 *
 * How long a connection was quiet is known by passes over it ("clock" of page replacement, Corbató 1968): a request costs a
 * flag and no list is sorted.
 */
export class ConnectionPlaces<T extends object> {
  readonly #atMost: number;
  readonly #owners = new Map<string, Owner<T>>();
  readonly #all = new Map<T, Held<T>>();

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get open(): number {
    return this.#all.size;
  }

  /** @param client who counts as one, such as `clientOfAddress` of its address. */
  came(connection: T, client: string): Arrival<T> {
    const closed = this.#all.size < this.#atMost ? null : this.#findOneToClose(client);
    if (closed === null && this.#all.size >= this.#atMost) return { taken: false, closed: null };
    if (closed !== null) this.left(closed);
    const owner = this.#ownerOf(client);
    const held = { connection, owner, requests: 0, wasUsed: false };
    owner.waiting += 1;
    owner.held.set(connection, held);
    this.#all.set(connection, held);
    return { taken: true, closed };
  }

  left(connection: T): void {
    const held = this.#all.get(connection);
    if (held === undefined) return;
    this.#all.delete(connection);
    held.owner.held.delete(connection);
    held.owner.waiting -= 1;
  }

  /** A request began on it. */
  began(connection: T): void {
    const held = this.#all.get(connection);
    if (held === undefined) return;
    held.requests += 1;
    held.wasUsed = true;
  }

  ended(connection: T): void {
    const held = this.#all.get(connection);
    if (held !== undefined) held.requests -= 1;
  }

  #ownerOf(client: string): Owner<T> {
    const known = this.#owners.get(client);
    if (known !== undefined) return known;
    if (this.#owners.size > 2 * this.#atMost) this.#forgetOwners();
    const made = { weight: 1 as const, waiting: 0, held: new Map<T, Held<T>>() };
    this.#owners.set(client, made);
    return made;
  }

  #forgetOwners(): void {
    for (const [client, { waiting }] of this.#owners) if (waiting === 0) this.#owners.delete(client);
  }

  #findOneToClose(client: string): T | null {
    const largest = findLargest(this.#owners.values());
    if (largest === null) return null;
    const budget = { looks: looksAtMost };
    const quiet = findQuietest(largest, budget) ?? this.#findQuietOfAnyone(budget);
    if (quiet !== null) return quiet;
    const comer = { waiting: this.#owners.get(client)?.waiting ?? 0, weight: 1 };
    return findWhoGivesWay(comer, [largest]) === null ? null : ([...largest.held.keys()].at(-1) ?? null);
  }

  #findQuietOfAnyone(budget: Budget): T | null {
    for (const owner of this.#owners.values()) {
      if (budget.looks <= 0) return null;
      const quiet = findQuietest(owner, budget);
      if (quiet !== null) return quiet;
    }
    return null;
  }
}

interface Budget {
  looks: number;
}

function findLargest<O extends { readonly waiting: number }>(owners: Iterable<O>): O | null {
  let largest: O | null = null;
  for (const owner of owners) if (owner.waiting > (largest?.waiting ?? 0)) largest = owner;
  return largest;
}

/** The one that was quiet for longest; those that are passed over go behind all others. */
function findQuietest<T>({ held }: Owner<T>, budget: Budget): T | null {
  let usedLately: T | null = null;
  let left = held.size;
  for (const [connection, entry] of held) {
    if (left <= 0 || budget.looks <= 0) break;
    left -= 1;
    budget.looks -= 1;
    if (entry.requests === 0 && !entry.wasUsed) return connection;
    if (entry.requests === 0) usedLately ??= connection;
    entry.wasUsed = false;
    held.delete(connection);
    held.set(connection, entry);
  }
  return usedLately;
}
