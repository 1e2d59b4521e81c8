import * as z from 'zod';
import { readEvent } from '../../core/records/event.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { diagnosisAnswerSchema } from '../../schemas/diagnosis/http-diagnosis.ts';
import { addedDataVersionSchema, addedModelVersionSchema } from '../../schemas/http/release/http-artifact.ts';
import { storedEventSchema } from '../../schemas/http/http-event.ts';
import { artifactClaimSchema, serviceClaimSchema } from '../../schemas/http/fleet/http-ownership.ts';
import { anyEnvironmentRecord } from '../../schemas/environment/environment-terms.ts';
import {
  driftAnswerSchema,
  driftHistoryAnswerSchema,
  driftSamplesAnswerSchema,
} from '../../schemas/http/monitoring/http-drift.ts';
import { explainDriftAnswerSchema } from '../../schemas/http/monitoring/http-explain.ts';
import { evidenceStateSchema, waiverSchema } from '../../schemas/http/http-evidence.ts';
import { costReportSchema, rebuiltLedgerSchema } from '../../schemas/http/cost/http-cost.ts';
import { costedHoursSchema, costExportSchema } from '../../schemas/http/cost/http-cost-export.ts';
import { isolationAnswerSchema } from '../../schemas/http/release/http-isolation.ts';
import {
  askedLabelsSchema,
  labelsAnswerSchema,
  labelsStatusSchema,
} from '../../schemas/http/monitoring/http-labels.ts';
import {
  approvalAnswerSchema,
  barSchema,
  releaseAnswerSchema,
  releaseAskSchema,
  releaseSchema,
  removalAnswerSchema,
  rollbackAnswerSchema,
} from '../../schemas/http/release/http-release.ts';
import { testedTargetsSchema } from '../../schemas/http/monitoring/http-notify.ts';
import { rolloutAnswerSchema, steerAnswerSchema } from '../../schemas/http/release/http-rollout.ts';
import { scalingAnswerSchema, scalingRecordAnswerSchema } from '../../schemas/http/http-scaling.ts';
import { arrivalsAnswerSchema, capacityPlanAnswerSchema } from '../../schemas/http/fleet/http-capacity-plan.ts';
import { historyPointSchema, serviceViewSchema } from '../../schemas/http/http-view.ts';
import { readEvents } from './read-events.ts';
import { makeControlRequest, type ControlAddress } from './control-request.ts';

/**
 * The operations of a control plane that runs, asked by HTTP. Every answer is parsed before it is believed.
 * @param service whose models and data are added; left out where the control plane holds one.
 */
export function makeHttpOperations(address: ControlAddress, service?: string): Operations {
  const ask = makeControlRequest(address);
  const query = (values: Readonly<Record<string, string | number | undefined>>): string => {
    const given = Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    );
    return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  };
  const own = query({ service });
  return {
    addModelVersion: (version) => ask('POST', `/v1/models${own}`, addedModelVersionSchema, version),
    addDataVersion: (version) => ask('POST', `/v1/data${own}`, addedDataVersionSchema, version),
    recordRegistrySync: async (sync) => {
      await ask('POST', `/v1/models/syncs${own}`, null, sync);
    },
    moveAlias: async (move) => {
      await ask('POST', `/v1/models/aliases${own}`, null, move);
    },
    shareArtifact: (request) => ask('POST', `/v1/artifacts/shares${own}`, z.array(artifactClaimSchema), request),
    transferService: (request) => ask('POST', '/v1/services/transfers', serviceClaimSchema, request),
    release: (request) => ask('POST', '/v1/releases', releaseAnswerSchema, request),
    releaseAsk: ({ id, ...scope }) => ask('GET', `/v1/asks/${encodeURIComponent(id)}${query(scope)}`, releaseAskSchema),
    cancelAsk: ({ id, ...request }) =>
      ask('POST', `/v1/asks/${encodeURIComponent(id)}/cancel`, releaseAskSchema, request),
    rollback: (request) => ask('POST', '/v1/rollbacks', rollbackAnswerSchema, request),
    liftBar: ({ service, environment, axis, digest, reason }) =>
      ask(
        'DELETE',
        `/v1/bars/${axis}/${encodeURIComponent(digest)}${query({ service, environment, reason })}`,
        barSchema,
      ),
    waive: async (request) => {
      await ask('POST', '/v1/waivers', null, request);
    },
    approveRelease: (request) => ask('POST', '/v1/approvals', approvalAnswerSchema, request),
    withdrawWaivers: ({ service, environment, kind, reason }) =>
      ask('DELETE', `/v1/waivers/${kind}${query({ service, environment, reason })}`, z.array(waiverSchema)),
    steerRollout: ({ action, ...request }) => ask('POST', `/v1/rollout/${action}`, steerAnswerSchema, request),
    removeService: (request) => ask('POST', '/v1/services/remove', removalAnswerSchema, request),
    addLabels: ({ service: of, environment, ...request }) =>
      ask('POST', `/v1/labels${query({ service: of, environment })}`, labelsAnswerSchema, request),
    askLabels: ({ service: of, environment, ...request }) =>
      ask('POST', `/v1/labels/ask${query({ service: of, environment })}`, askedLabelsSchema, request),
    labels: (asked) => ask('GET', `/v1/labels${query(asked)}`, labelsStatusSchema),
    testNotify: async (request) => (await ask('POST', '/v1/notify/test', testedTargetsSchema, request)).targets,
    rollout: (asked) => ask('GET', `/v1/rollout${query({ ...asked })}`, rolloutAnswerSchema),
    scaling: (asked) => ask('GET', `/v1/scaling${query({ ...asked })}`, scalingAnswerSchema),
    scalingDecision: ({ seq, ...asked }) => ask('GET', `/v1/scaling/${seq}${query(asked)}`, scalingRecordAnswerSchema),
    arrivals: (asked) => ask('GET', `/v1/arrivals${query(asked)}`, arrivalsAnswerSchema),
    capacityPlan: (asked) => ask('GET', `/v1/capacity/plan${query({ ...asked })}`, capacityPlanAnswerSchema),
    signalHistory: (asked) => ask('GET', `/v1/signals/history${query(asked)}`, z.array(historyPointSchema)),
    diagnosis: (asked) => ask('GET', `/v1/diagnosis${query(asked)}`, diagnosisAnswerSchema),
    recordDiagnosis: (request) => ask('POST', '/v1/diagnosis', diagnosisAnswerSchema, request),
    drift: (asked) => ask('GET', `/v1/drift${query(asked)}`, driftAnswerSchema),
    driftHistory: (asked) => ask('GET', `/v1/drift/history${query({ ...asked })}`, driftHistoryAnswerSchema),
    driftSamples: (asked) => ask('GET', `/v1/drift/samples${query({ ...asked })}`, driftSamplesAnswerSchema),
    explainDrift: (asked) => ask('GET', `/v1/drift/explain${query({ ...asked })}`, explainDriftAnswerSchema),
    acknowledgeDrift: (request) => ask('POST', '/v1/drift/acknowledge', driftAnswerSchema, request),
    isolateReplica: (request) => ask('POST', '/v1/replicas/isolation', isolationAnswerSchema, request),
    cost: ({ by, ...asked }) => ask('GET', `/v1/cost${query({ ...asked, by: by.join(',') })}`, costReportSchema),
    rebuildCost: (asked) => ask('GET', `/v1/cost/rebuild${query(asked)}`, rebuiltLedgerSchema),
    exportCost: (asked) => ask('GET', `/v1/cost/export${query({ ...asked })}`, costExportSchema),
    costedHours: (asked) => ask('GET', `/v1/cost/hours${query({ ...asked })}`, costedHoursSchema),
    environmentRecords: () => ask('GET', '/v1/environments', z.array(anyEnvironmentRecord)),
    setEnvironmentRecord: ({ environment, ...request }) =>
      ask('PUT', `/v1/environments/${encodeURIComponent(environment)}`, anyEnvironmentRecord, request),
    clearEnvironmentRecord: ({ environment, keys }) => {
      const asked = keys.length === 0 ? {} : { keys: keys.join(',') };
      return ask('DELETE', `/v1/environments/${encodeURIComponent(environment)}${query(asked)}`, anyEnvironmentRecord);
    },
    view: (service, environment) => ask('GET', `/v1/view${query({ service, environment })}`, serviceViewSchema),
    evidence: (service, environment) =>
      ask('GET', `/v1/evidence${query({ service, environment })}`, z.array(evidenceStateSchema)),
    releases: (service, environment) =>
      ask('GET', `/v1/releases${query({ service, environment })}`, z.array(releaseSchema)),
    events: (asked) =>
      readEvents(asked, (page) =>
        ask('GET', `/v1/events${query({ ...page })}`, z.array(storedEventSchema.transform(readEvent))),
      ),
  };
}
