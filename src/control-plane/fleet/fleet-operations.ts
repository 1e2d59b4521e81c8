import type { Grant } from '../../core/access/requester.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ServiceControl } from '../service/service-control.ts';
import type { AskedScope, ServiceScope } from '../service/service-scope.ts';

export interface FleetOperationsParts {
  /** @throws PlimsollError `service-unknown` (not-found), `service-unnamed` (input). */
  find(asked: AskedScope): ServiceControl;
  /** Takes a service up that is not held yet. */
  hold(scope: ServiceScope, by: string): Promise<ServiceControl>;
  readonly allEvents: Operations['events'];
}

/**
 * The operations of every service: each request is done by the part of the service that it names.
 * @param service of whoever adds models and data, which name none themselves.
 */
export function makeFleetOperations(
  { find, hold, allEvents }: FleetOperationsParts,
  { by, grants }: { readonly by: string; readonly grants: readonly Grant[] },
  service?: string,
): Operations {
  const of = (asked: AskedScope): Operations => find(asked).operationsFor(by, grants);
  const held = async (asked: AskedScope): Promise<Operations> => {
    if (asked.service === undefined || asked.environment === undefined) return of(asked);
    return (await hold({ service: asked.service, environment: asked.environment }, by)).operationsFor(by, grants);
  };
  return {
    addModelVersion: async (version) => (await held({ service, ...version })).addModelVersion(version),
    addDataVersion: async (version) => (await held({ service, ...version })).addDataVersion(version),
    moveAlias: async (move) => (await held({ service, ...move })).moveAlias(move),
    recordRegistrySync: async (sync) => (await held({ service, ...sync })).recordRegistrySync(sync),
    shareArtifact: async (request) => of({ service, environment: request.environment }).shareArtifact(request),
    transferService: async (request) => of(request).transferService(request),
    release: async (request) => (await held(request)).release(request),
    releaseAsk: async (request) => of(request).releaseAsk(request),
    cancelAsk: async (request) => of(request).cancelAsk(request),
    rollback: async (request) => of(request).rollback(request),
    liftBar: async (request) => of(request).liftBar(request),
    waive: async (request) => (await held(request)).waive(request),
    withdrawWaivers: async (request) => of(request).withdrawWaivers(request),
    steerRollout: async (request) => of(request).steerRollout(request),
    rollout: async (request) => of(request).rollout(request),
    scaling: async (request) => of(request).scaling(request),
    scalingDecision: async (request) => of(request).scalingDecision(request),
    view: async (name, environment) => of({ service: name, environment }).view(name, environment),
    evidence: async (name, environment) => of({ service: name, environment }).evidence(name, environment),
    releases: async (name, environment) => of({ service: name, environment }).releases(name, environment),
    events: allEvents,
  };
}
