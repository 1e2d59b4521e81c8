import type { RolloutPlan, RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreWriter } from '../../ports/records/store.ts';

/**
 * Records how isolations stand after a turn. @throws PlimsollError `deployment-moved` (conflict) where somebody isolated a
 * replica, or gave one back, while the turn was deciding: it decides again.
 */
export async function recordIsolations(
  tx: StoreWriter,
  { service, environment, isolations }: RolloutState,
  plan: RolloutPlan,
): Promise<void> {
  const present = await tx.isolations(service, environment);
  if (canonicalJson(present) !== canonicalJson(isolations)) {
    throw new PlimsollError({
      code: 'deployment-moved',
      category: 'conflict',
      message: 'what is isolated moved while this turn was deciding',
    });
  }
  if (plan.isolations !== null) await tx.setIsolations(service, environment, plan.isolations);
}
