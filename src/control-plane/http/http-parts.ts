import type { AttemptLog } from '../audit/attempt-log.ts';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProviderDefault, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { Grant, Scope } from '../../core/access/requester.ts';
import type { ServiceHealth } from '../../core/health/health.ts';
import type { SampleSegment } from '../../core/monitoring/samples/sample.ts';
import type { PoolMatrix } from '../../core/hardware/pool-matrix.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { PublishedScale } from '../../core/scaling/published-scale.ts';
import type { BundleReceiver } from '../../ports/artifacts/bundle-receiver.ts';
import type { ReplicaFiles } from '../../ports/serving/replica-files.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { GatewayReports, GatewayReportsAnswer, GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import type { AskedScope } from '../service/service-scope.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { ControlPlaneIdentity, TrySignature } from '../../schemas/http/http-control-plane.ts';
import type { SignalSample } from '../../schemas/view/view.ts';
import type { EventStreams } from './event-streams.ts';
import type { AccessRules } from './access/authenticate.ts';
import type { GatewayCertificates } from './access/gateway-certificates.ts';
import type { TryAnswer } from '../page/try-it.ts';

export type Server<Provider extends FastifyTypeProviderDefault | ZodTypeProvider = ZodTypeProvider> = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  Provider
>;

export interface Health {
  readonly healthy: boolean;
  readonly leaseHeld: boolean;
  readonly lastReconciledAgoMs: number | null;
  readonly problems: readonly string[];
}

/** With what the service behind it says of itself. */
export interface ToldHealth extends Health {
  /** The control plane's own part of `healthy`: whoever restarts it goes by this alone. */
  readonly controlPlane: boolean;
  /** Null before the first look. */
  readonly service: Pick<ServiceHealth, 'state' | 'sentence' | 'sinceMs' | 'next'> | null;
}

/** One service of the control plane, as the HTTP interface reads it. */
export interface HttpService {
  readonly service: string;
  readonly environment: string;
  readonly pageStreams: EventStreams;
  /** What gateways of this service alone follow. */
  readonly routingStreams: EventStreams;
  routing(): RoutingTable | null;
  latestSignals(count: number): readonly SignalSample[];
  /** Oldest first. */
  history(hours: number): Promise<readonly HistoryPoint[]>;
  /** Judged anew, with what the contract, the lock and the pools say now. */
  pools(): Promise<readonly PoolMatrix[]>;
  /** What golden replays through its gateways are signed with; for gateways alone. */
  readonly replayKey: string;
  /** Returns up to which sequence its counts are recorded. `from`: the host that the report came from; `owner`: its credential. */
  gatewayReported(report: GatewayReport, from: string | null, owner: string): number;
  /** Resolves with the sequence up to which all segments of its spool are recorded. */
  takeSamples(segment: SampleSegment): Promise<number>;
  /** @throws PlimsollError for another service, and before anything was decided. */
  publishedScale(asked: AskedScope): PublishedScale;
  tryIt(body: Uint8Array, signal: AbortSignal): Promise<TryAnswer>;
  /** What the server that answers says that it takes; null where it does not say. */
  toldSignature(signal: AbortSignal): Promise<TrySignature['signature']>;
}

/** What the HTTP interface needs of the control plane behind it. */
export interface HttpParts {
  readonly plimsollVersion: string;
  readonly access: AccessRules;
  /** Whether the request came by an address that only programs of this machine reach. */
  isLocal(request: IncomingMessage): boolean;
  /** Left out where gateways need no certificate. */
  readonly gatewayCertificates?: GatewayCertificates;
  /** Built page; null when there is none. Absolute. */
  readonly dashboardFolder: string | null;
  readonly store: StoreReader;
  /** Left out where no bundles are taken; then their routes are not there. */
  readonly bundles?: BundleReceiver;
  /** Left out where replicas run on this machine. */
  readonly replicaFiles?: ReplicaFiles;
  /** What a request is about; null where it is about every service or every environment. */
  scopeOf(asked: AskedScope): Scope;
  /** @throws PlimsollError `service-unknown` (not-found), `service-unnamed` (input). */
  find(asked: AskedScope): HttpService;
  /** The service of a gateway that serves one alone. @throws PlimsollError as `find`, and `gateway-too-old` (conflict). */
  ofGateway(id: string, asked: AskedScope): HttpService;
  /**
   * @param grants of whoever asks.
   * @param service of models and data, whose requests name none.
   */
  operationsFor(by: string, grants: readonly Grant[], service?: string): Operations;
  /** Keeps attempts that were refused; left out where nobody does. */
  readonly attempts?: Pick<AttemptLog, 'note'>;
  /** Keeps uses of break-glass tokens; left out where nobody does. */
  readonly breakGlass?: Pick<AttemptLog, 'note'>;
  identity(): ControlPlaneIdentity;
  health(asked: AskedScope): ToldHealth;
  metrics(): Promise<string>;
  fleet(): FleetView;
  readonly fleetStreams: EventStreams;
  /** What gateways of many services follow. */
  readonly gatewayStreams: EventStreams;
  gatewayServices(): GatewayServices;
  /** The newest table of each service. */
  routingTables(): readonly RoutingTable[];
  gatewaysReported(reports: GatewayReports, from: string | null, owner: string): GatewayReportsAnswer;
}
