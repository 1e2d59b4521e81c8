import type { Clock } from '../../ports/process/clock.ts';
import type { GatewayReports, GatewayReportsAnswer } from '../../schemas/gateway/gateway-fleet.ts';
import type { ServiceControl } from '../service/service-control.ts';
import type { AskedScope } from '../service/service-scope.ts';
import { gatewayTooOld, OldGateways } from './old-gateways.ts';
import type { Services } from './services.ts';

/** What gateways ask a control plane of many services. */
export class FleetGateways {
  readonly #services: () => Services;
  readonly #old: OldGateways;

  constructor(services: () => Services, clock: Clock) {
    this.#services = services;
    this.#old = new OldGateways(clock);
  }

  /**
   * The service of a gateway that serves one alone. An older gateway names none: beside several services nobody can tell
   * whose table it needs.
   * @throws PlimsollError `gateway-too-old` (conflict), `service-unknown` (not-found).
   */
  serviceOf(id: string, asked: AskedScope): ServiceControl {
    const services = this.#services();
    if (asked.service !== undefined || services.size < 2) return services.find(asked);
    this.#old.saw(id);
    throw gatewayTooOld(id, services.size);
  }

  /** A report of a service that is not held is left out: the list of services, which is on its way, says that it is gone. */
  reported({ reports }: GatewayReports, from: string | null, owner: string): GatewayReportsAnswer {
    const recorded = reports.flatMap(({ report, ...scope }) => {
      const control = this.#services().get(scope);
      return control === undefined
        ? []
        : [{ ...scope, sequence: control.gatewayReported(report, from, owner), replayKey: control.replayKey }];
    });
    return { recorded };
  }

  /** One for each gateway that named no service. */
  problems(): readonly string[] {
    return this.#old.problems();
  }
}
