import { steer, type SteerAction, type SteerRefusal } from '../../../core/rollout/deployment/steer.ts';
import { stepName } from '../../../core/rollout/judge/canary-step.ts';
import { PlimsollError, type ErrorCategory } from '../../../core/units/errors.ts';
import type { StoreWriter } from '../../../ports/records/store.ts';
import type { SteerAnswer } from '../../../schemas/http/release/http-rollout.ts';
import { write, type OperationsSource } from '../operations-source.ts';

export interface SteerRequest {
  readonly service: string;
  readonly environment: string;
  readonly action: SteerAction;
  /** The release that is meant; refused when another one is under way. */
  readonly release?: number;
  readonly reason: string;
}

const category: Readonly<Record<SteerRefusal['code'], ErrorCategory>> = {
  'nothing-under-way': 'conflict',
  'another-release': 'conflict',
  'no-step-yet': 'conflict',
  'already-paused': 'conflict',
  'not-paused': 'conflict',
  'already-asked': 'conflict',
};

/** Pauses, resumes, promotes or takes back the release that comes in; one transaction, one winner of several. */
export async function steerRollout(source: OperationsSource, request: SteerRequest): Promise<SteerAnswer> {
  return write(source, request.environment, (tx) => steerIn(source, request, tx));
}

async function steerIn(source: OperationsSource, request: SteerRequest, tx: StoreWriter): Promise<SteerAnswer> {
  const { service, environment, action, reason } = request;
  const deployment = await tx.deployment(service, environment);
  const canary = await tx.canary(service, environment);
  const number = deployment?.incoming ?? null;
  const incoming = number === null ? null : await tx.release(service, environment, number);
  const who = { by: source.by, atMs: source.clock.nowMs(), reason };
  const outcome = steer(action, { deployment, canary, incoming }, request.release, who);
  if ('refusal' in outcome) {
    const { code, message, next } = outcome.refusal;
    throw new PlimsollError({ code, category: category[code], message, next, details: { release: number } });
  }
  const { steered } = outcome;
  if (steered.deployment !== undefined) await tx.setDeployment(steered.deployment, deployment?.revision ?? null);
  if (steered.canary === null) {
    if (canary?.judgement !== null && canary?.judgement !== undefined) {
      const { release, step, judgement } = canary;
      await tx.addCanarySample({ service, environment, release, step, judgement });
    }
    await tx.endCanary(service, environment);
  } else if (steered.canary !== undefined) await tx.setCanary(steered.canary, canary?.revision ?? null);
  for (const decision of steered.decisions) {
    await tx.appendEvent({ service, environment, by: who.by, atMs: who.atMs, ...decision });
  }
  const where = canary === null ? '' : ` in ${stepName(steered.release, canary.step)}`;
  const done = { pause: 'paused', resume: 'resumed', promote: 'promoted', abort: 'taken back' }[action];
  return { release: steered.release.number, summary: `release ${steered.release.number}${where} is ${done}` };
}
