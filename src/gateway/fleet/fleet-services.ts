import type { GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';
import type { ServedService } from '../served-service.ts';
import type { NamedServices } from './service-choice.ts';
import { serviceKey } from './services-acceptance.ts';

export type ListedService = GatewayServices['services'][number];

export type ServiceName = Pick<ListedService, 'service' | 'environment'>;

/** One service of a fleet gateway. */
export interface FleetService {
  readonly key: string;
  readonly service: string;
  readonly environment: string;
  readonly served: ServedService;
  /** The first of its names; null for one that has none. */
  name: string | null;
  /** Whether the sweeper looks at it. */
  awake: boolean;
  /** When its open requests are broken off; null while it is in the list. */
  leaveByMs: number | null;
}

/** Names of services that are gone; older ones are forgotten beyond this many. */
const goneAtMost = 1000;

/** The services that a gateway holds, and who is called by which name. */
export class FleetServices implements NamedServices<FleetService> {
  readonly #make: (listed: ListedService) => ServedService;
  readonly #home: ServiceName | null;
  /** By key, those that are leaving among them. */
  readonly #held = new Map<string, FleetService>();
  readonly #leaving = new Set<FleetService>();
  #listed: readonly ListedService[] = [];
  known = false;
  byName: ReadonlyMap<string, FleetService> = new Map();
  unnamed: FleetService | null = null;
  homeGone = false;
  gone: ReadonlySet<string> = new Set();

  /** @param home whose requests are those that name nobody. */
  constructor(make: (listed: ListedService) => ServedService, home: ServiceName | null = null) {
    this.#make = make;
    this.#home = home;
  }

  /** Those of the list, as it was given. */
  get listed(): readonly ListedService[] {
    return this.#listed;
  }

  /** All of them, also those that are leaving. */
  get held(): Iterable<FleetService> {
    return this.#held.values();
  }

  get leaving(): ReadonlySet<FleetService> {
    return this.#leaving;
  }

  /** Null for a service that is not in the list. */
  find(owner: { readonly service: string; readonly environment: string }): FleetService | null {
    const found = this.#held.get(serviceKey(owner));
    return found === undefined || found.leaveByMs !== null ? null : found;
  }

  /**
   * Follows a list that was accepted. A service that is in it no more is asked nothing new, and leaves at `leaveByMs` at the
   * latest; one that comes back before goes on as it was.
   */
  follow(listed: readonly ListedService[], gone: readonly string[], leaveByMs: number): void {
    const names = new Map<string, FleetService>();
    const keys = new Set<string>();
    for (const each of listed) {
      const service = this.#hold(each);
      keys.add(service.key);
      for (const name of each.names) names.set(name, service);
    }
    for (const service of this.#held.values()) if (!keys.has(service.key)) this.#leave(service, leaveByMs);
    this.gone = namesGone([...gone, ...this.gone, ...this.byName.keys()], names);
    this.byName = names;
    const unnamed = this.#home ?? (keys.size === 1 ? listed[0] : undefined);
    this.unnamed = unnamed === undefined ? null : this.find(unnamed);
    this.homeGone = this.#home !== null && this.unnamed === null;
    this.#listed = listed;
    this.known = true;
  }

  /** The last request of a service that was leaving is over. */
  forget(service: FleetService): void {
    this.#leaving.delete(service);
    this.#held.delete(service.key);
  }

  #hold(listed: ListedService): FleetService {
    const key = serviceKey(listed);
    const { service, environment } = listed;
    const made = { key, service, environment, name: null, awake: false, leaveByMs: null };
    const held = this.#held.get(key) ?? { ...made, served: this.#make(listed) };
    this.#leaving.delete(held);
    held.leaveByMs = null;
    held.name = listed.names[0] ?? null;
    this.#held.set(key, held);
    return held;
  }

  #leave(service: FleetService, leaveByMs: number): void {
    if (service.leaveByMs !== null) return;
    service.leaveByMs = leaveByMs;
    this.#leaving.add(service);
  }
}

function namesGone(all: readonly string[], names: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  return new Set(all.filter((name) => !names.has(name)).slice(-goneAtMost));
}
