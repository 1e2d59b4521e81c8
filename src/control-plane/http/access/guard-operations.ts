import { operationRoles } from '../../../core/access/operation-access.ts';
import { holdsRoleIn, type Requester, type Scope } from '../../../core/access/requester.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import { requireRole } from './authorize.ts';

/**
 * The operations as far as the requester may use them: each call is checked against the service and environment that it
 * names. Models and data name none themselves; they are checked against the one that the request is for.
 */
export function guardOperations(operations: Operations, requester: Requester, service: string | null): Operations {
  const check = (name: keyof Operations, scope: Scope): void => requireRole(requester, operationRoles[name], scope);
  const artifact = ({ environment }: { readonly environment: string }): Scope => ({ service, environment });
  return {
    addModelVersion: async (version) => {
      check('addModelVersion', artifact(version));
      return operations.addModelVersion(version);
    },
    addDataVersion: async (version) => {
      check('addDataVersion', artifact(version));
      return operations.addDataVersion(version);
    },
    moveAlias: async (move) => {
      check('moveAlias', artifact(move));
      return operations.moveAlias(move);
    },
    recordRegistrySync: async (sync) => {
      check('recordRegistrySync', artifact(sync));
      return operations.recordRegistrySync(sync);
    },
    shareArtifact: async (request) => {
      check('shareArtifact', artifact(request));
      return operations.shareArtifact(request);
    },
    transferService: async (request) => {
      check('transferService', request);
      return operations.transferService(request);
    },
    release: async (request) => {
      check('release', request);
      if (request.waivers.length > 0) check('waive', request);
      return operations.release(request);
    },
    releaseAsk: async (request) => {
      check('releaseAsk', request);
      return operations.releaseAsk(request);
    },
    cancelAsk: async (request) => {
      check('cancelAsk', request);
      return operations.cancelAsk(request);
    },
    rollback: async (request) => {
      check('rollback', request);
      return operations.rollback(request);
    },
    liftBar: async (request) => {
      check('liftBar', request);
      return operations.liftBar(request);
    },
    waive: async (request) => {
      check('waive', request);
      return operations.waive(request);
    },
    withdrawWaivers: async (request) => {
      check('withdrawWaivers', request);
      return operations.withdrawWaivers(request);
    },
    approveRelease: async (request) => {
      check('approveRelease', request);
      return operations.approveRelease(request);
    },
    steerRollout: async (request) => {
      check('steerRollout', request);
      return operations.steerRollout(request);
    },
    removeService: async (request) => {
      check('removeService', request);
      return operations.removeService(request);
    },
    addLabels: async (request) => {
      check('addLabels', request);
      return operations.addLabels(request);
    },
    askLabels: async (request) => {
      check('askLabels', request);
      return operations.askLabels(request);
    },
    labels: async (asked) => {
      check('labels', asked);
      return operations.labels(asked);
    },
    testNotify: async (request) => {
      check('testNotify', request);
      return operations.testNotify(request);
    },
    rollout: async (asked) => {
      check('rollout', asked);
      return operations.rollout(asked);
    },
    scaling: async (asked) => {
      check('scaling', asked);
      return operations.scaling(asked);
    },
    scalingDecision: async (asked) => {
      check('scalingDecision', asked);
      return operations.scalingDecision(asked);
    },
    arrivals: async (asked) => {
      check('arrivals', asked);
      return operations.arrivals(asked);
    },
    capacityPlan: async (asked) => {
      check('capacityPlan', asked);
      return operations.capacityPlan(asked);
    },
    signalHistory: async (asked) => {
      check('signalHistory', asked);
      return operations.signalHistory(asked);
    },
    diagnosis: async (asked) => {
      check('diagnosis', asked);
      return operations.diagnosis(asked);
    },
    recordDiagnosis: async (request) => {
      check('recordDiagnosis', request);
      return operations.recordDiagnosis(request);
    },
    drift: async (asked) => {
      check('drift', asked);
      return operations.drift(asked);
    },
    driftHistory: async (asked) => {
      check('driftHistory', asked);
      return operations.driftHistory(asked);
    },
    driftSamples: async (asked) => {
      check('driftSamples', asked);
      return operations.driftSamples(asked);
    },
    explainDrift: async (asked) => {
      check('explainDrift', asked);
      return operations.explainDrift(asked);
    },
    acknowledgeDrift: async (request) => {
      check('acknowledgeDrift', request);
      return operations.acknowledgeDrift(request);
    },
    isolateReplica: async (request) => {
      check('isolateReplica', request);
      return operations.isolateReplica(request);
    },
    cost: async (request) => {
      check('cost', { service: request.service ?? null, environment: request.environment ?? null });
      return operations.cost(request);
    },
    rebuildCost: async (request) => {
      check('rebuildCost', { service: null, environment: null });
      return operations.rebuildCost(request);
    },
    exportCost: async (request) => {
      check('exportCost', { service: null, environment: null });
      return operations.exportCost(request);
    },
    costedHours: async (request) => {
      check('costedHours', { service: null, environment: null });
      return operations.costedHours(request);
    },
    environmentRecords: async () => {
      const records = await operations.environmentRecords();
      return records.filter(({ environment }) =>
        holdsRoleIn(requester, operationRoles.environmentRecords, environment),
      );
    },
    setEnvironmentRecord: async (asked) => {
      check('setEnvironmentRecord', { service: null, environment: asked.environment });
      return operations.setEnvironmentRecord(asked);
    },
    clearEnvironmentRecord: async (asked) => {
      check('clearEnvironmentRecord', { service: null, environment: asked.environment });
      return operations.clearEnvironmentRecord(asked);
    },
    view: async (ofService, environment) => {
      check('view', { service: ofService, environment });
      return operations.view(ofService, environment);
    },
    evidence: async (ofService, environment) => {
      check('evidence', { service: ofService, environment });
      return operations.evidence(ofService, environment);
    },
    releases: async (ofService, environment) => {
      check('releases', { service: ofService, environment });
      return operations.releases(ofService, environment);
    },
    events: async (query) => {
      check('events', { service: query.service ?? null, environment: query.environment ?? null });
      return operations.events(query);
    },
  };
}
