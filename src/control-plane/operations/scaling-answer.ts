import { readScalingRecord } from '../../schemas/scaling-record.ts';
import { scalingDecisionsAtMost } from '../../schemas/http-scaling.ts';
import type { ScalingAnswer } from '../../schemas/view.ts';
import type { OperationsSource } from './operations-source.ts';

/** What scaling stands at, and the newest decisions, oldest first; those that another version wrote unreadably are left out. */
export async function readScaling(
  { store, facts }: OperationsSource,
  { service, environment, last = scalingDecisionsAtMost }: { service: string; environment: string; last?: number },
): Promise<ScalingAnswer> {
  const events = await store.events({
    service,
    environment,
    kindPrefix: 'scaling.decided',
    last: Math.min(last, scalingDecisionsAtMost),
  });
  const decisions = events.flatMap(({ seq, atMs, data }) => {
    const record = readScalingRecord(data);
    if (record === null) return [];
    const { release, policy, grounds, order, ordered, decision } = record;
    return [
      {
        seq,
        atMs,
        release,
        policy: policy.name,
        before: grounds.orderedBefore,
        desired: order.desired,
        ordered,
        reason: order.reason,
        terms: decision.terms,
      },
    ];
  });
  return { scaling: facts.scaling(), decisions };
}
