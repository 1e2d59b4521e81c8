import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { askIsolation, type IsolationRefusal } from '../../../core/rollout/isolation/ask-isolation.ts';
import { PlimsollError, type ErrorCategory } from '../../../core/units/errors.ts';
import type { StoreWriter } from '../../../ports/records/store.ts';
import type { IsolateReplicaRequest, IsolationAnswer } from '../../../schemas/http/release/http-isolation.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { write, type OperationsSource } from '../operations-source.ts';

const category: Readonly<Record<IsolationRefusal['code'], ErrorCategory>> = {
  'unknown-replica': 'not-found',
  'replica-ended': 'conflict',
  'not-isolated': 'conflict',
};

/** Keeps a replica from traffic for diagnosis, gives it back, or stops it. The next turn of the control plane carries it out. */
export async function isolateReplica(
  source: OperationsSource,
  request: IsolateReplicaRequest,
): Promise<IsolationAnswer> {
  const replicas = await source.facts.replicas(request.environment);
  return write(source, request.environment, (tx) => isolateIn(tx, replicas, request, source.by, source.clock.nowMs()));
}

/** @throws PlimsollError with the code of the refusal. */
export async function isolateIn(
  tx: StoreWriter,
  replicas: readonly ObservedReplica[],
  { service, environment, ...ask }: IsolateReplicaRequest,
  by: string,
  nowMs: number,
): Promise<IsolationAnswer> {
  const admissions = await tx.admissions(service, environment);
  const isolations = await tx.isolations(service, environment);
  const seen = {
    replicas,
    isolations,
    admissions: new Map(admissions.map(({ replicaId, golden }) => [replicaId, golden])),
    deployment: await tx.deployment(service, environment),
    releases: await tx.releases(service, environment),
    nowMs,
  };
  const outcome = askIsolation(seen, { ...ask, by });
  if ('refusal' in outcome) {
    const { code, message } = outcome.refusal;
    throw new PlimsollError({
      code,
      category: category[code],
      message,
      next: nextStep(controlPlaneSteps, 'unknown-replica+replica-ended+not-isolated'),
    });
  }
  const { isolation, event, forgetsAdmission, summary } = outcome;
  if (event !== null) {
    const others = isolations.filter(({ replicaId }) => replicaId !== ask.replicaId);
    await tx.setIsolations(service, environment, isolation === null ? others : [...others, isolation]);
    await tx.appendEvent({ service, environment, by, atMs: nowMs, ...event });
  }
  if (forgetsAdmission) await tx.forgetAdmission(ask.replicaId);
  return { isolation, summary };
}
