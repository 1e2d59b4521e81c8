import type { Grant } from '../../core/access/requester.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { GatewayRegistry } from '../gateway-registry.ts';
import type { HealthWatch } from '../health/health-watch.ts';
import type { Health } from '../http/http-parts.ts';
import type { JournaledRollbacks } from '../journal/journal-rollbacks.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import type { ScalingLoop } from '../scaling/scaling-loop.ts';
import type { AdmissionRunner } from '../turn/admission-runner.ts';
import type { Reconciler } from '../turn/reconciler.ts';
import type { JudgementCache } from '../watches/judgements.ts';
import type { ServiceControlParts } from './service-parts.ts';

interface SourceParts {
  readonly parts: ServiceControlParts;
  readonly judgements: JudgementCache;
  readonly reconciler: Reconciler;
  readonly runner: AdmissionRunner;
  readonly gateways: GatewayRegistry;
  readonly scaling: ScalingLoop;
  readonly healthWatch: HealthWatch;
  readonly journaled: JournaledRollbacks;
  /** Requests that are being decided now. */
  readonly deciding: Set<string>;
  /** Reads what stands in the store, unless that was done. */
  readonly begin: () => Promise<void>;
  readonly outdate: () => void;
  readonly tell: () => Health;
  readonly testNotify: NonNullable<OperationsSource['testNotify']>;
}

/**
 * What the operations of one service read and write through.
 * @param grants of whoever asks: whose the service is goes by them.
 */
export function makeServiceSource(
  { parts, judgements, reconciler, runner, gateways, scaling, healthWatch, journaled, ...own }: SourceParts,
  by: string,
  grants: readonly Grant[],
): OperationsSource {
  const { store, blobs, clock, service, plimsollVersion, bundles, lease, diagnoses } = parts;
  return {
    service,
    store,
    blobs,
    clock,
    plimsollVersion,
    by,
    grants,
    judging: bundles,
    deciding: own.deciding,
    ...(parts.proofs === undefined ? {} : { proofs: parts.proofs }),
    ...(parts.countersign === undefined ? {} : { countersign: parts.countersign }),
    withFence: async (environment, write) => {
      if (environment !== parts.environment) throw otherEnvironment(environment, parts.environment);
      await own.begin();
      await journaled.carryOver();
      return write(lease.fence());
    },
    changed: own.outdate,
    testNotify: own.testNotify,
    facts: {
      owner: async () => judgements.current().owner,
      evidence: async () => judgements.current().evidence,
      evidenceOf: async () => judgements.current().release,
      readiness: async () => judgements.current().readiness,
      replicas: async () => reconciler.replicas(),
      rejections: () => runner.rejections(),
      gateways: () => gateways.views(),
      scaling: () => scaling.view(),
      spares: () => parts.spares.viewOf(parts),
      health: () =>
        healthWatch.read({
          problem: own.tell().problems[0] ?? null,
          observed: reconciler.lastState() !== null,
          ordered: scaling.view()?.ordered ?? null,
        }),
      ...(diagnoses === undefined ? {} : { diagnosis: () => diagnoses.read(parts) }),
      promises: async () => judgements.current().promises,
      monitoring: async () => judgements.current().monitoring,
      replay: async () => judgements.current().replay,
    },
  };
}

function otherEnvironment(asked: string, own: string): PlimsollError {
  return new PlimsollError({
    code: 'other-environment',
    category: 'conflict',
    message: `this control plane writes for the environment ${own}, not for ${asked}`,
    next: `ask the control plane of ${asked}, or stop this one first`,
  });
}
