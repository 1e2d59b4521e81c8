import type { Installation, InstallationOptions } from '../../../ports/serving/installation.ts';
import { makeAccess } from './access.ts';
import { makeAdmission } from './admission.ts';
import { makeControlPlane, makeControlPlaneService } from './control-plane.ts';
import { makeDisruptionBudget, makeGateways, makeGatewayService } from './gateway.ts';
import { makeKedaAuthentication } from './keda.ts';
import { makeNetworkPolicies } from './network.ts';
import type { ComponentSettings } from './pod.ts';
import { makeServiceMonitors } from './service-monitors.ts';

export interface InstallationSettings {
  readonly controlPlane: ComponentSettings;
  readonly gateway: ComponentSettings;
}

/** The limits are what the heaps of the two programs are bounded to, and half as much for the rest of them. */
export const defaultResources = {
  controlPlane: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1536Mi' } },
  gateway: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '768Mi' } },
} as const;

/** Everything of an installation, in the order in which it is applied. Nothing in it is secret. */
export function makeInstallation(options: InstallationOptions, settings: InstallationSettings): Installation {
  const keda = makeKedaAuthentication(options);
  return [
    // Before the rights that it bounds.
    ...(options.admissionPolicy ? makeAdmission(options) : []),
    ...makeAccess(options),
    ...makeNetworkPolicies(options),
    makeControlPlaneService(options),
    makeGatewayService(options),
    makeControlPlane(options, settings.controlPlane),
    makeGateways(options, settings.gateway),
    makeDisruptionBudget(options),
    ...(keda === null ? [] : [keda]),
    ...(options.serviceMonitor ? makeServiceMonitors(options) : []),
  ] as unknown as Installation;
}
