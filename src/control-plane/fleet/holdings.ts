import { isRemoved, type HeldService } from '../../core/fleet/held-services.ts';
import { nameServices } from '../../core/fleet/service-names.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';
import { heldOf, takeUpAgain } from '../operations/remove-service.ts';
import { requireClaimant } from '../ownership/claims.ts';
import type { ServiceControl } from '../service/service-control.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import type { Who } from './fleet-operations.ts';
import { Services } from './services.ts';

export interface HoldingsParts {
  readonly store: Store;
  readonly clock: Clock;
  /** @throws PlimsollError `lease-lost`. */
  fence(): Fence;
  make(scope: ServiceScope): ServiceControl;
  /** Told of a service that was not held before. */
  tookUp(control: ServiceControl): void;
  /** Told of the list of services after it changed, with the table of the one that came. */
  listed(list: GatewayServices, table: RoutingTable | null): void;
}

/** Which services a control plane holds: how one is taken up, leaves, and is gone. */
export class Holdings {
  readonly services = new Services();
  readonly #parts: HoldingsParts;
  readonly #holding = new Map<string, Promise<ServiceControl>>();
  #held: readonly HeldService[] = [];

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  async readHeld(): Promise<void> {
    this.#held = await this.#parts.store.heldServices();
    this.services.removed = this.#held.filter(({ origin }) => origin === 'removed');
  }

  /** It is leaving, or gone. */
  isRemoved(scope: ServiceScope): boolean {
    return this.#held.some((held) => isSame(held, scope) && isRemoved(held));
  }

  /** Nothing of it runs any more. Where that cannot be recorded now, the next turn comes here again. */
  async letGo(control: ServiceControl): Promise<void> {
    const { scope } = control;
    const { store, clock, fence } = this.#parts;
    await store.transaction(fence(), async (tx) => {
      const held = await heldOf(tx, scope.service, scope.environment);
      if (held?.origin !== 'leaving') return;
      await tx.setHeldService({ ...held, origin: 'removed' });
      const summary = `${scope.service} was removed from ${scope.environment}: none of its replicas runs any more`;
      const atMs = clock.nowMs();
      await tx.appendEvent({ ...scope, kind: 'service.removed', summary, by: 'control-plane', atMs, data: {} });
    });
    await this.readHeld();
    if (!this.isRemoved(scope) || this.#holding.has(keyOf(scope))) return;
    this.services.remove(scope);
    control.endTurns();
  }

  /**
   * Takes a service up that is not held yet, as whoever releases it asks.
   * @param releases only a release takes up one that was removed.
   * @throws PlimsollError `service-claimed` (conflict) for one that was removed and belongs to others.
   */
  async hold(scope: ServiceScope, who: Who, releases: boolean): Promise<ServiceControl> {
    if (this.services.get(scope) !== undefined || this.isRemoved(scope)) {
      if (!releases || !this.isRemoved(scope)) return this.read(scope);
    }
    const key = keyOf(scope);
    const holding =
      this.#holding.get(key) ??
      this.#takeUp(scope, who).finally(() => {
        this.#holding.delete(key);
      });
    this.#holding.set(key, holding);
    return holding;
  }

  async #takeUp(scope: ServiceScope, { by, grants }: Who): Promise<ServiceControl> {
    const { store, clock, make, tookUp, listed, fence } = this.#parts;
    await store.transaction(fence(), async (tx) => {
      const atMs = clock.nowMs();
      if ((await heldOf(tx, scope.service, scope.environment)) !== null) {
        await requireClaimant(tx, { service: scope.service, by, grants, clock }, scope.environment);
        await takeUpAgain(tx, { ...scope, atMs }, by);
        return;
      }
      await tx.setHeldService({ ...scope, origin: 'released', sinceMs: atMs });
      const summary = `${scope.service} was taken up in ${scope.environment}`;
      await tx.appendEvent({ ...scope, kind: 'service.held', summary, by, atMs, data: {} });
    });
    await this.readHeld();
    const leaving = this.services.get(scope);
    const control = leaving ?? make(scope);
    await control.begin();
    this.services.add(control);
    if (leaving === undefined) tookUp(control);
    listed(this.gatewayServices(), control.routing());
    return control;
  }

  /**
   * Also of a service that was removed, whose records stay.
   * @throws PlimsollError `service-unknown` (not-found).
   */
  read(scope: ServiceScope): ServiceControl {
    const held = this.services.get(scope);
    if (held !== undefined) return held;
    return this.isRemoved(scope) ? this.#parts.make(scope) : this.services.find(scope);
  }

  /** A service leaves: gateways are told before its routing changes, so that they finish what they have. */
  async left(): Promise<void> {
    await this.readHeld();
    this.#parts.listed(this.gatewayServices(), null);
  }

  /** Every service that gateways serve, with the names that clients call it by. */
  gatewayServices(): GatewayServices {
    // What was removed keeps its names, so that nobody else gets its requests.
    const named = nameServices(this.#held.filter((each) => isRemoved(each) || this.services.get(each) !== undefined));
    const listed = named.filter((each) => !this.isRemoved(each));
    const removed = named.length - listed.length;
    const services = listed.map((each) => ({ ...each, names: [...each.names] }));
    return removed === 0 ? { services } : { services, removed };
  }

  /** The newest table of each service. */
  routingTables(): readonly RoutingTable[] {
    const listed = this.services.all().filter(({ scope }) => !this.isRemoved(scope));
    return listed.flatMap((control) => control.routing() ?? []);
  }
}

const keyOf = ({ service, environment }: ServiceScope): string => `${service}\n${environment}`;

const isSame = (one: ServiceScope, other: ServiceScope): boolean =>
  one.service === other.service && one.environment === other.environment;
