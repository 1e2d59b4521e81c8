import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { clientOfAddress } from '../../core/access/shares/client-address.ts';
import type { ClientRules } from '../../core/access/shares/client-limits.ts';
import { xxhash32 } from '../../core/rollout/routing/xxhash32.ts';
import { Client } from './client.ts';
import { ClientTallies, otherClients, overflowClients } from './client-tally.ts';

export interface ClientBounds {
  /** Clients that are known one by one. */
  readonly knownAtMost: number;
  /** All others share so many places by a hash that nobody outside can compute. */
  readonly overflowPlaces: number;
}

export const clientDefaults: ClientBounds = { knownAtMost: 10_000, overflowPlaces: 64 };

/** The oldest so many are asked whether they may be forgotten, for one that came. */
const asksAtMost = 8;
/** A longer value of a header is known by its hash alone. */
const valueLengthAtMost = 200;

/**
 * The clients of one service. Who a request is of:
 *
 * | the contract writes | the request has | it is of |
 * |---|---|---|
 * | `gateway.clients.by: header:NAME` | that field | the field's value |
 * | anything | a client key that was checked | the name of the key |
 * | anything | neither | its address; of IPv6 the network of 64 bits |
 */
export class Clients {
  readonly tallies = new ClientTallies();
  readonly #bounds: ClientBounds;
  readonly #salt: number;
  readonly #known = new Map<string, Client>();
  readonly #overflow = new Map<number, Client>();
  readonly #addresses = new WeakMap<Socket, string>();
  #rules: ClientRules = {};

  /** @param salt hexadecimal digits that nobody outside knows: nobody can choose with whom to share a place. */
  constructor(salt: string, bounds: ClientBounds = clientDefaults) {
    this.#bounds = bounds;
    this.#salt = Number.parseInt(salt.slice(0, 8), 16);
  }

  get knownCount(): number {
    return this.#known.size;
  }

  /** What was used stays used; the limits are the new ones from the next request on. */
  follow(rules: ClientRules = {}): void {
    if (rules === this.#rules) return;
    this.#rules = rules;
    for (const client of this.#known.values()) client.follow(this.#rulesOf(client.name).rules);
    for (const client of this.#overflow.values()) client.follow(rules.each ?? {});
    this.tallies.keep(Object.keys(rules.named ?? {}));
  }

  /**
   * A client that the contract names has room always.
   * @param key name of the client key that the request showed; null where none was asked for.
   */
  find(req: Pick<IncomingMessage, 'headers' | 'socket'>, key: string | null, nowMs: number): Client {
    const name = this.#nameOf(req, key);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const isNamed = this.#rulesOf(name).tally !== otherClients;
    const isKnown = isNamed || (name.length <= valueLengthAtMost && this.#makeRoom(nowMs));
    return isKnown ? this.#know(name, nowMs) : this.#share(name, nowMs);
  }

  #nameOf(req: Pick<IncomingMessage, 'headers' | 'socket'>, key: string | null): string {
    const { header } = this.#rules;
    const value = header === undefined ? undefined : req.headers[header];
    const text = typeof value === 'string' ? value : (value?.join(', ') ?? '');
    if (text !== '') return `header ${text}`;
    return key === null ? this.#addressOf(req.socket) : `key ${key}`;
  }

  #addressOf(socket: Socket): string {
    const known = this.#addresses.get(socket);
    if (known !== undefined) return known;
    const address = `address ${clientOfAddress(socket.remoteAddress)}`;
    this.#addresses.set(socket, address);
    return address;
  }

  #rulesOf(name: string): { readonly rules: NonNullable<ClientRules['each']>; readonly tally: string } {
    const { each = {}, named = {} } = this.#rules;
    const value = name.slice(name.indexOf(' ') + 1);
    const own = Object.hasOwn(named, value) ? named[value] : undefined;
    return own === undefined ? { rules: each, tally: otherClients } : { rules: { ...each, ...own }, tally: value };
  }

  #know(name: string, nowMs: number): Client {
    const { rules, tally } = this.#rulesOf(name);
    const made = new Client(name, this.tallies.of(tally), nowMs);
    made.follow(rules);
    this.#known.set(name, made);
    return made;
  }

  #makeRoom(nowMs: number): boolean {
    if (this.#known.size < this.#bounds.knownAtMost) return true;
    let asks = 0;
    for (const [name, client] of this.#known) {
      this.#known.delete(name);
      if (client.mayBeForgotten(nowMs)) return true;
      this.#known.set(name, client);
      asks += 1;
      if (asks >= asksAtMost) break;
    }
    return false;
  }

  #share(name: string, nowMs: number): Client {
    const place = xxhash32(name, this.#salt) % this.#bounds.overflowPlaces;
    const known = this.#overflow.get(place);
    if (known !== undefined) return known;
    const made = new Client(`overflow ${place}`, this.tallies.of(overflowClients), nowMs);
    made.follow(this.#rules.each ?? {});
    this.#overflow.set(place, made);
    return made;
  }
}
