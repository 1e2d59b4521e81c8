import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import { hasFacts } from '../../core/records/facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { scalingDecisionsAtMost } from '../../schemas/http/http-scaling.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import type { ScalingAnswer, ScalingDecisionView, ScalingRecordAnswer } from '../../schemas/view/view.ts';
import type { OperationsSource } from './operations-source.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
}

/** What scaling stands at, and the newest decisions, oldest first; one that another version wrote unreadably is left out. */
export async function readScaling(
  { store, facts }: OperationsSource,
  { service, environment, last = scalingDecisionsAtMost }: Scope & { readonly last?: number },
): Promise<ScalingAnswer> {
  const events = await store.events({
    service,
    environment,
    kindPrefix: 'scaling.decided',
    last: Math.min(last, scalingDecisionsAtMost),
  });
  return { scaling: facts.scaling(), decisions: events.flatMap(decisionOf) };
}

function decisionOf({ seq, atMs, kind, data }: StoredEvent): readonly ScalingDecisionView[] {
  if (kind !== 'scaling.decided') return [];
  if (!hasFacts(data, 'release', 'policy', 'before', 'desired', 'ordered', 'reason', 'terms')) return [];
  const { release, policy, before, desired, ordered, reason, terms } = data;
  return [{ seq, atMs, release, policy, before, desired, ordered, reason, terms }];
}

/** All that one decision was made from. @throws PlimsollError `scaling-record-missing` (not-found). */
export async function readDecision(
  { store }: OperationsSource,
  { service, environment, seq }: Scope & { readonly seq: number },
): Promise<ScalingRecordAnswer> {
  const stored = await store.scalingRecord(service, environment, seq);
  const record = stored === null ? null : readScalingRecord(stored);
  if (record !== null) return { seq, record };
  throw new PlimsollError({
    code: 'scaling-record-missing',
    category: 'not-found',
    message:
      stored === null
        ? `event ${seq} is no decision of scaling in ${environment}, or it is too old to be kept`
        : `the record of decision ${seq} was written by a version of Plimsoll that this one cannot read`,
    next: nextStep(controlPlaneSteps, 'scaling-record-missing'),
  });
}
