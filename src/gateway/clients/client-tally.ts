import type { ClientLimitName } from '../../core/access/shares/client-limits.ts';

/** What was counted of a class of clients: one that the contract names, or all others. */
export interface ClientTally {
  admitted: number;
  /** Refused by a limit of their own. */
  readonly limited: Record<ClientLimitName, number>;
  /** Refused because the queue had no place for one more of theirs. */
  pushedOut: number;
}

export function makeTally(): ClientTally {
  return { admitted: 0, limited: { requests: 0, concurrent: 0, bytes: 0 }, pushedOut: 0 };
}

/**
 * Tallies by class; a class is a name of the contract, so that nobody who asks can make one. Those of names that the contract no longer
 * has stay until there are too many.
 */
export class ClientTallies {
  readonly #classes = new Map<string, ClientTally>();

  of(name: string): ClientTally {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const made = makeTally();
    this.#classes.set(name, made);
    return made;
  }

  /** Keeps at most these, and the two that are always there. */
  keep(named: readonly string[]): void {
    const kept = new Set([...named, ...always]);
    if (this.#classes.size <= classesAtMost) return;
    for (const name of this.#classes.keys()) if (!kept.has(name)) this.#classes.delete(name);
  }

  get all(): Iterable<readonly [string, ClientTally]> {
    return this.#classes;
  }
}

/** Clients that the contract does not name, and those that were too many to be known one by one. */
export const otherClients = 'others';
export const overflowClients = 'overflow';
const always = [otherClients, overflowClients] as const;
const classesAtMost = 200;
