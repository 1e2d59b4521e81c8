import { keyProblem } from '../admission/client-keys.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { GatewayReports, GatewayReportsAnswer, GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';
import { refusalBody, type RefusalCode } from '../admission/refusal.ts';
import type { DataPath, DataPathParts } from '../exchange/data-path.ts';
import {
  HttpFront,
  refuseOtherThanGet,
  writeReadiness,
  writeText,
  type FrontHost,
  type Readiness,
} from '../front/http-front.ts';
import { makeSharedParts, type SharedParts } from '../front/shared-parts.ts';
import type { TlsDoor } from '../front/tls-door.ts';
import type { Acceptance } from '../routes/routing-acceptance.ts';
import { ServedService } from '../served-service.ts';
import type { FrontSettings } from '../settings.ts';
import { gatewayMetrics, type ProcessMetrics } from '../signals/metrics-text.ts';
import { FleetServices, type FleetService, type ListedService, type ServiceName } from './fleet-services.ts';
import { chooseService, isOfHost } from './service-choice.ts';
import { acceptServices, type ListAcceptance } from './services-acceptance.ts';
import { UnplacedRequests } from './unplaced-requests.ts';

export interface FleetGatewayParts extends Omit<DataPathParts, 'settings'> {
  readonly settings: FrontSettings;
  /** `host:boot:pid:start`, see ports/process-identity. */
  readonly identity: string;
  /** The service that it serves as a gateway of that one alone does; null or absent for none. */
  readonly home?: ServiceName | null;
  readonly tlsDoor?: TlsDoor | null;
}

/** How long the tables of listed services may take before the gateway is ready without them. */
const tablesMs = 10_000;

/** A gateway of many services: the client port, and a data path for each service. */
export class FleetGateway implements FrontHost {
  readonly services: FleetServices;
  readonly #parts: FleetGatewayParts;
  readonly #shared: SharedParts;
  readonly #front: HttpFront;
  readonly #unplaced: UnplacedRequests;
  readonly #awake = new Set<FleetService>();
  /** Since when a list is known; ready stays true once it was. */
  #knownMs: number | null = null;
  #settled = false;
  /** Most requests have the host of the one before. */
  #last: { readonly host: string | undefined; readonly service: FleetService } | null = null;
  controlPlaneConnected: () => boolean = () => false;
  /** Told of a service whose first request waits while no replica of it serves. */
  starving: (service: FleetService) => void = () => undefined;
  /** Told of a service whose last request is over, after it left the list. */
  left: (service: FleetService) => void = () => undefined;

  constructor(parts: FleetGatewayParts) {
    const { settings, log, identity, clock, random } = parts;
    this.#parts = parts;
    this.#shared = makeSharedParts(parts, settings.maxConnections);
    const { connections } = this.#shared;
    this.#unplaced = new UnplacedRequests(connections, clock, random);
    this.services = new FleetServices((listed) => this.#make(listed), parts.home);
    const controlPlaneConnected = (): boolean => this.controlPlaneConnected();
    const tlsDoor = parts.tlsDoor ?? null;
    this.#front = new HttpFront({ settings, connections, log, identity, controlPlaneConnected, tlsDoor, host: this });
  }

  /** Resolves with `http://HOST:PORT`. @throws PlimsollError `port-taken`, `cannot-listen` (unavailable). */
  listen(): Promise<string> {
    return this.#front.listen();
  }

  /** Takes no more connections or requests, lets those that are here finish, and ends the rest after the drain's time. */
  drain(): Promise<void> {
    return this.#front.drain();
  }

  /**
   * Follows a list of services, unless it cannot be right.
   * @param gone names that services had in an earlier process.
   */
  follow(list: GatewayServices, firstOfStream: boolean, gone: readonly string[] = []): ListAcceptance {
    const acceptance = acceptServices(list, { services: this.services.listed.length, firstOfStream });
    if (acceptance.verdict === 'refuse') {
      this.#parts.log('services.refused', { reason: acceptance.reason, next: acceptance.next });
      return acceptance;
    }
    this.services.follow(list.services, gone, this.nowMs() + this.#parts.settings.drainTimeoutMs);
    this.#last = null;
    this.#knownMs ??= this.nowMs();
    this.#parts.log('services.followed', {
      services: list.services.length,
      leaving: Array.from(this.services.leaving, ({ service, environment }) => `${service}/${environment}`),
    });
    return acceptance;
  }

  /** Applies a table if it is that of a listed service and newer; says what became of it. */
  offer(table: RoutingTable): Acceptance {
    const service = this.services.find(table);
    if (service !== null) return service.served.offer(table);
    const { service: name, environment, generation } = table;
    const reason = `${name}/${environment} is not in this gateway's list of services`;
    this.#parts.log('routing.refused', { service: name, environment, generation, reason });
    return { verdict: 'refuse', reason };
  }

  /** Of all services, or of some. */
  reports(services: Iterable<FleetService> = this.services.held): GatewayReports {
    const residentBytes = process.memoryUsage.rss();
    return {
      reports: Array.from(services, (held) => {
        const { service, environment, served } = held;
        return { service, environment, report: served.report({ address: this.#addressOf(held), residentBytes }) };
      }),
    };
  }

  /** Where clients reach a service, whatever their host names are. */
  #addressOf(service: FleetService): string {
    const { address } = this.#front;
    const { name } = service;
    return name === null || this.services.unnamed === service ? address : `${address}/services/${name}`;
  }

  acknowledge({ recorded }: GatewayReportsAnswer): void {
    for (const { sequence, replayKey, ...owner } of recorded) {
      const path = this.services.find(owner)?.served.path;
      path?.outbox.acknowledge(sequence);
      if (replayKey !== undefined) path?.pinned.setKey(replayKey);
    }
  }

  get #hasHome(): boolean {
    return (this.#parts.home ?? null) !== null;
  }

  get openCount(): number {
    return this.#shared.openRequests.used;
  }

  get paths(): Iterable<DataPath> {
    return Array.from(this.services.held, ({ served }) => served.path);
  }

  get refused(): Record<RefusalCode, number> {
    return this.#unplaced.refused;
  }

  nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void {
    const target = req.url ?? '';
    const { host } = req.headers;
    const last = this.#last;
    if (last !== null && last.host === host && isOfHost(target)) {
      if (!last.service.awake) this.#wake(last.service);
      last.service.served.path.receive(req, res, continueFirst);
      return;
    }
    const chosen = chooseService(target, host, this.services);
    if ('refused' in chosen) {
      this.#unplaced.refuse(req, res, chosen.refused, chosen.detail);
      return;
    }
    const { service } = chosen;
    if (!service.awake) this.#wake(service);
    if (chosen.target !== target) {
      if (chosen.target.startsWith('/plimsoll/')) {
        this.#ownOf(service, chosen.target, req, res);
        return;
      }
      req.url = chosen.target;
    } else if (isOfHost(target)) this.#last = { host, service };
    service.served.path.receive(req, res, continueFirst);
  }

  refuseHead(req: IncomingMessage, res: ServerResponse, code: RefusalCode): void {
    this.#unplaced.refuse(req, res, code);
  }

  /**
   * | the list of services | a listed service has no table | ready |
   * |---|---|---|
   * | unknown | | no |
   * | known | none, or the list came 10 s ago | yes, from now on |
   * | known | some | not yet |
   *
   * A service without a replica does not make the gateway unready: the others need it, and so does who would wake that one.
   * A gateway with a home is as ready as the home.
   */
  readiness(): Readiness {
    const { unnamed } = this.services;
    if (this.#hasHome && unnamed !== null) return unnamed.served.readiness();
    const paths = this.services.listed.map((listed) => this.services.find(listed)?.served.path.routes);
    const tables = paths.filter((routes) => routes !== undefined && routes.generation > 0).length;
    const waitedMs = this.#knownMs === null ? -1 : this.nowMs() - this.#knownMs;
    this.#settled ||= waitedMs >= 0 && (tables === paths.length || waitedMs >= tablesMs);
    const serving = paths.filter((routes) => routes !== undefined && routes.replicaCount > 0).length;
    return { ready: this.#settled, services: paths.length, tables, serving };
  }

  metricsProblem(authorization: string | undefined): RefusalCode | null {
    const { unnamed, listed } = this.services;
    const isAlone = this.#hasHome && unnamed !== null && listed.length === 1;
    const keys = isAlone ? unnamed.served.path.keys : this.#parts.clientKeys;
    return keyProblem(keys, authorization);
  }

  metrics(process: ProcessMetrics): string {
    const services = Array.from(this.services.held, (held) => {
      // As from a gateway of the home alone.
      if (this.#hasHome && held === this.services.unnamed) return held.served.metrics([]);
      return held.served.metrics([
        ['service', held.service],
        ['environment', held.environment],
      ]);
    });
    return gatewayMetrics(services, process, this.#unplaced.refused);
  }

  /** Looks only at services that had a request since they were last idle. */
  sweep(nowMs: number): void {
    for (const service of this.#awake) {
      service.served.path.sweep(nowMs);
      if (!service.served.path.idle) continue;
      service.awake = false;
      this.#awake.delete(service);
    }
    for (const service of this.services.leaving) this.#letGo(service, nowMs);
  }

  #make({ service, environment }: ListedService): ServedService {
    const { log } = this.#parts;
    const settings = { ...this.#parts.settings, service, environment };
    const ownLog: DataPathParts['log'] = (event, facts) => log(event, { service, environment, ...facts });
    const served = new ServedService({ ...this.#parts, settings, log: ownLog }, this.#shared);
    served.path.starving = () => {
      const held = this.services.find({ service, environment });
      if (held !== null) this.starving(held);
    };
    return served;
  }

  #wake(service: FleetService): void {
    service.awake = true;
    this.#awake.add(service);
  }

  #letGo(service: FleetService, nowMs: number): void {
    const { path } = service.served;
    if (service.leaveByMs !== null && nowMs >= service.leaveByMs) path.breakOffAll();
    if (path.openCount > 0) return;
    this.services.forget(service);
    this.#awake.delete(service);
    void path.destroy();
    const { service: name, environment } = service;
    this.#parts.capture?.forget({ service: name, environment });
    this.#parts.log('services.left', { service: name, environment });
    this.left(service);
  }

  #ownOf({ served }: FleetService, target: string, req: IncomingMessage, res: ServerResponse): void {
    if (refuseOtherThanGet(req, res)) return;
    if (target.split('?', 1)[0] === '/plimsoll/ready') writeReadiness(res, served.readiness());
    else writeText(res, 404, 'application/json', refusalBody('not-in-protocol'));
  }
}
