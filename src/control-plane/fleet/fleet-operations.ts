import type { Grant } from '../../core/access/requester.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CostOperations } from '../ledger/cost-operations.ts';
import type { EnvironmentOperations } from '../operations/environments.ts';
import type { ServiceControl } from '../service/service-control.ts';
import type { AskedScope, ServiceScope } from '../service/service-scope.ts';

/** Whoever asks. */
export interface Who {
  readonly by: string;
  readonly grants: readonly Grant[];
}

export interface FleetOperationsParts {
  /** @throws PlimsollError `service-unknown` (not-found), `service-unnamed` (input). */
  find(asked: AskedScope): ServiceControl;
  /** Takes a service up that is not held yet; one that was removed only where it is released again. */
  hold(scope: ServiceScope, who: Who, releases: boolean): Promise<ServiceControl>;
  /** Also of a service that was removed: its records stay. */
  read(scope: ServiceScope): ServiceControl;
  /** Told that a service leaves. */
  left(): Promise<void>;
  readonly allEvents: Operations['events'];
  readonly environments: EnvironmentOperations;
  readonly cost: CostOperations;
}

/**
 * The operations of every service: each request is done by the part of the service that it names.
 * @param service of whoever adds models and data, which name none themselves.
 */
export function makeFleetOperations(
  { find, hold, read, left, allEvents, environments, cost }: FleetOperationsParts,
  who: Who,
  service?: string,
): Operations {
  const { by, grants } = who;
  const of = (asked: AskedScope): Operations => find(asked).operationsFor(by, grants);
  const held = async (asked: AskedScope, releases = false): Promise<Operations> => {
    if (asked.service === undefined || asked.environment === undefined) return of(asked);
    const scope = { service: asked.service, environment: asked.environment };
    return (await hold(scope, who, releases)).operationsFor(by, grants);
  };
  const readable = (name: string, environment: string): Operations =>
    read({ service: name, environment }).operationsFor(by, grants);
  return {
    addModelVersion: async (version) => (await held({ service, ...version })).addModelVersion(version),
    addDataVersion: async (version) => (await held({ service, ...version })).addDataVersion(version),
    moveAlias: async (move) => (await held({ service, ...move })).moveAlias(move),
    recordRegistrySync: async (sync) => (await held({ service, ...sync })).recordRegistrySync(sync),
    shareArtifact: async (request) => of({ service, environment: request.environment }).shareArtifact(request),
    transferService: async (request) => of(request).transferService(request),
    release: async (request) => (await held(request, true)).release(request),
    releaseAsk: async (request) => of(request).releaseAsk(request),
    cancelAsk: async (request) => of(request).cancelAsk(request),
    rollback: async (request) => of(request).rollback(request),
    liftBar: async (request) => of(request).liftBar(request),
    waive: async (request) => (await held(request)).waive(request),
    withdrawWaivers: async (request) => of(request).withdrawWaivers(request),
    approveRelease: async (request) => (await held(request)).approveRelease(request),
    steerRollout: async (request) => of(request).steerRollout(request),
    removeService: async (request) => {
      const answer = await read(request).operationsFor(by, grants).removeService(request);
      await left();
      return answer;
    },
    addLabels: async (request) => of(request).addLabels(request),
    askLabels: async (request) => of(request).askLabels(request),
    labels: async (request) => of(request).labels(request),
    testNotify: async (request) => of(request).testNotify(request),
    rollout: async (request) => of(request).rollout(request),
    scaling: async (request) => of(request).scaling(request),
    scalingDecision: async (request) => of(request).scalingDecision(request),
    arrivals: async (request) => of(request).arrivals(request),
    capacityPlan: async (request) => of(request).capacityPlan(request),
    signalHistory: async (request) => of(request).signalHistory(request),
    diagnosis: async (request) => of(request).diagnosis(request),
    recordDiagnosis: async (request) => of(request).recordDiagnosis(request),
    drift: async (request) => of(request).drift(request),
    driftHistory: async (request) => of(request).driftHistory(request),
    driftSamples: async (request) => of(request).driftSamples(request),
    explainDrift: async (request) => of(request).explainDrift(request),
    acknowledgeDrift: async (request) => of(request).acknowledgeDrift(request),
    isolateReplica: async (request) => of(request).isolateReplica(request),
    view: async (name, environment) => readable(name, environment).view(name, environment),
    evidence: async (name, environment) => readable(name, environment).evidence(name, environment),
    releases: async (name, environment) => readable(name, environment).releases(name, environment),
    events: allEvents,
    ...environments,
    ...cost,
  };
}
