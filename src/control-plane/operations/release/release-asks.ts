import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import {
  isOpenAsk,
  makeCancelledEvent,
  makeRequestedEvent,
  type ReleaseAsk,
} from '../../../core/rollout/release-ask.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../../../schemas/http/operations.ts';
import { requireClaimant } from '../../ownership/claims.ts';
import { askDecided, supersedeOlderAsks } from './ask-records.ts';
import { write, type OperationsSource } from '../operations-source.ts';
import { makeAsk } from './release.ts';
import { takeUpAgain } from '../remove-service.ts';

interface AskName {
  readonly service: string;
  readonly environment: string;
  readonly id: string;
}

/** @throws PlimsollError `ask-unknown` (not-found). */
export async function readAsk({ store }: OperationsSource, { service, environment, id }: AskName): Promise<ReleaseAsk> {
  const ask = await store.releaseAsk(id);
  if (ask !== null && ask.service === service && ask.environment === environment) return ask;
  throw askUnknown({ service, environment, id });
}

function askUnknown({ service, environment, id }: AskName): PlimsollError {
  return new PlimsollError({
    code: 'ask-unknown',
    category: 'not-found',
    message: `there is no request ${id.slice(0, 100)} for a release of ${service} in ${environment}`,
    next: nextStep(controlPlaneSteps, 'ask-unknown'),
  });
}

/** @throws PlimsollError `ask-unknown` (not-found), `ask-decided`, `service-claimed` (conflict). */
export async function cancelAsk(
  source: OperationsSource,
  { reason, ...name }: AskName & { readonly reason: string },
): Promise<ReleaseAsk> {
  await readAsk(source, name);
  return write(source, name.environment, async (tx) => {
    await requireClaimant(tx, source, name.environment);
    const ask = await tx.releaseAsk(name.id);
    if (ask === null) throw askUnknown(name);
    if (!isOpenAsk(ask)) throw askDecided(ask);
    const cancelled: ReleaseAsk = {
      ...ask,
      state: 'cancelled',
      reason,
      changedAtMs: source.clock.nowMs(),
      progress: null,
    };
    await tx.setReleaseAsk(cancelled);
    await tx.appendEvent(makeCancelledEvent(cancelled, source.by));
    return cancelled;
  });
}

/** Records a request and judges nothing: the next control plane does that. A request that was open before it is taken back. */
export async function recordRequest(source: OperationsSource, request: ReleaseRequest): Promise<ReleaseAnswer> {
  const ask: ReleaseAsk = { ...makeAsk(source, request), reason: 'no control plane has looked at it yet' };
  await write(source, request.environment, async (tx) => {
    await supersedeOlderAsks(source, tx, ask, ask.atMs);
    await takeUpAgain(tx, ask, ask.by);
    await tx.setReleaseAsk(ask);
    await tx.appendEvent(makeRequestedEvent(ask));
  });
  return { outcome: 'requested', release: null, ask };
}
