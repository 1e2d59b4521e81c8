import type { ControlPlane } from '../control-plane.ts';
import type { HttpParts } from './http-parts.ts';

/** The part of the HTTP interface that a control plane answers itself. */
export function controlPlaneHttp(
  controlPlane: ControlPlane,
): Pick<
  HttpParts,
  | 'scopeOf'
  | 'find'
  | 'ofGateway'
  | 'operationsFor'
  | 'health'
  | 'metrics'
  | 'fleet'
  | 'fleetStreams'
  | 'gatewayStreams'
  | 'gatewayServices'
  | 'routingTables'
  | 'gatewaysReported'
  | 'attempts'
  | 'breakGlass'
> {
  return {
    scopeOf: (asked) => controlPlane.services.scopeOf(asked),
    find: (asked) => controlPlane.services.find(asked),
    operationsFor: (by, grants, service) => controlPlane.operationsFor(by, grants, service),
    ofGateway: (id, asked) => controlPlane.gateways.serviceOf(id, asked),
    health: (asked) => controlPlane.health(asked),
    metrics: () => controlPlane.metrics.text(),
    fleet: () => controlPlane.fleet(),
    fleetStreams: controlPlane.fleetStreams,
    gatewayStreams: controlPlane.gatewayStreams,
    gatewayServices: () => controlPlane.holdings.gatewayServices(),
    routingTables: () => controlPlane.holdings.routingTables(),
    attempts: controlPlane.accessLogs.attempts,
    breakGlass: controlPlane.accessLogs.breakGlass,
    gatewaysReported: (reports, from, owner) => controlPlane.gateways.reported(reports, from, owner),
  };
}
