import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { LabelsAnswer, LabelsRequest } from '../../schemas/http/monitoring/http-labels.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { readDiagnosis, recordDiagnosis } from '../diagnosis/diagnosis-operations.ts';
import { askLabels } from '../labels/ask-labels.ts';
import { readLabelsStatus } from '../labels/labels-status.ts';
import { recordLabels } from '../labels/record-labels.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import { makeServiceView } from '../page/service-view.ts';
import { artifactOperations } from './artifacts.ts';
import { ownershipOperations } from '../ownership/ownership-operations.ts';
import { barAndWaiverOperations } from './release/bars-and-waivers.ts';
import { acknowledgeDrift, readDrift, readDriftHistory, readDriftSamples } from './drift/drift.ts';
import { explainDrift } from './drift/explain-drift.ts';
import { readHistory } from '../health/read-history.ts';
import { makeCostOperations } from '../ledger/cost-operations.ts';
import { approveRelease } from '../trust/approvals.ts';
import { environmentOperations } from './environments.ts';
import { isolateReplica } from './drift/isolate.ts';
import { write, type OperationsSource } from './operations-source.ts';
import { planCapacity, readArrivals } from './plan-capacity.ts';
import { cancelAsk, readAsk } from './release/release-asks.ts';
import { release } from './release/release.ts';
import { removeService } from './remove-service.ts';
import { rollback } from './release/rollback.ts';
import { readRollout } from './release/rollout-answer.ts';
import { readDecision, readScaling } from './scaling-answer.ts';
import { steerRollout } from './release/steer.ts';

/** The one implementation of the operations: over a store and blobs, with whichever lease `source` brings. */
export function makeOperations(source: OperationsSource): Operations {
  const own = <T extends { readonly service: string }>(request: T): T => {
    if (request.service === source.service) return request;
    throw new PlimsollError({
      code: 'unknown-service',
      category: 'not-found',
      message: `${request.service} is not served here; ${source.service} is`,
      next: nextStep(controlPlaneSteps, 'unknown-service'),
    });
  };
  const { liftBar, waive, withdrawWaivers } = barAndWaiverOperations(source);
  const { shareArtifact, transferService } = ownershipOperations(source);
  return {
    ...artifactOperations(source),
    shareArtifact,
    transferService: async (request) => transferService(own(request)),
    ...environmentOperations(source),
    ...makeCostOperations({ ...source, bundles: source.judging }),
    liftBar: async (request) => liftBar(own(request)),
    waive: async (request) => waive(own(request)),
    withdrawWaivers: async (request) => withdrawWaivers(own(request)),
    release: async (request) => release(source, own(request)),
    approveRelease: async (request) => approveRelease(source, own(request)),
    releaseAsk: async (request) => readAsk(source, own(request)),
    cancelAsk: async (request) => cancelAsk(source, own(request)),
    rollback: async (request) => rollback(source, own(request)),
    steerRollout: async (request) => steerRollout(source, own(request)),
    removeService: async (request) => removeService(source, own(request)),
    addLabels: async (request) => addLabels(source, own(request)),
    askLabels: async (request) =>
      write(source, own(request).environment, (tx) => askLabels(tx, request, request, source.by, source.clock.nowMs())),
    labels: async (request) => readLabelsStatus(source.store, own(request)),
    testNotify: async (request) => {
      own(request);
      if (source.testNotify === undefined) throw senderNeeded();
      return source.testNotify();
    },
    rollout: async (request) => readRollout(source, own(request)),
    scaling: async (request) => readScaling(source, own(request)),
    scalingDecision: async (request) => readDecision(source, own(request)),
    arrivals: async (request) => readArrivals(source, own(request)),
    capacityPlan: async (request) => planCapacity(source, own(request)),
    signalHistory: async (request) =>
      readHistory(source.store, own(request), source.clock.nowMs() - request.hours * 3_600_000),
    diagnosis: async (request) => readDiagnosis(source, own(request)),
    recordDiagnosis: async (request) => recordDiagnosis(source, own(request)),
    drift: async (request) => readDrift(source, own(request)),
    driftHistory: async (request) => readDriftHistory(source, own(request)),
    driftSamples: async (request) => readDriftSamples(source, own(request)),
    explainDrift: async (request) => explainDrift(source, own(request)),
    acknowledgeDrift: async (request) => acknowledgeDrift(source, own(request)),
    isolateReplica: async (request) => isolateReplica(source, own(request)),
    view: async (service, environment) => view(source, own({ service, environment }).service, environment),
    evidence: async (service, environment) => source.facts.evidence(own({ service, environment }).environment),
    releases: async (service, environment) => source.store.releases(own({ service, environment }).service, environment),
    events: (query) => source.store.events(query),
  };
}

/** Nobody judges a step here; the labels are recorded all the same. */
async function addLabels(source: OperationsSource, request: LabelsRequest & ServiceScope): Promise<LabelsAnswer> {
  const { environment, labels } = request;
  const nowMs = source.clock.nowMs();
  const { answer } = await write(source, environment, (tx) => recordLabels(tx, request, labels, nowMs));
  return { counted: 0, repeated: 0, ignored: labels.length, recorded: answer };
}
const senderNeeded = (): PlimsollError =>
  new PlimsollError({
    code: 'control-plane-needed',
    category: 'unavailable',
    message: 'no control plane answers, and a control plane sends the alerts: nothing was sent',
    next: nextStep(controlPlaneSteps, 'control-plane-needed/up'),
  });

async function view(source: OperationsSource, service: string, environment: string): Promise<ServiceView> {
  const { store, facts } = source;
  return makeServiceView({
    service,
    environment,
    owner: await facts.owner(),
    plimsollVersion: source.plimsollVersion,
    nowMs: source.clock.nowMs(),
    releases: await store.releases(service, environment),
    outcomes: await store.releaseOutcomes(service, environment),
    deployment: await store.deployment(service, environment),
    canary: await store.canary(service, environment),
    routing: await store.routing(service, environment),
    admissions: await store.admissions(service, environment),
    isolations: await store.isolations(service, environment),
    rejections: facts.rejections(),
    replicas: await facts.replicas(environment),
    gateways: facts.gateways(),
    bars: await store.bars(service, environment),
    asks: await store.releaseAsks(service, environment),
    evidence: await facts.evidence(environment),
    evidenceOf: await facts.evidenceOf(environment),
    readiness: await facts.readiness(environment),
    scaling: facts.scaling(),
    spares: facts.spares?.() ?? null,
    health: facts.health(),
    promises: await facts.promises(environment),
  });
}
