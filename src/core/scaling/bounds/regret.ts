import type { SimulationResult } from '../simulation/world.ts';
import type { LowerBound } from './lower/lower-bound.ts';
import type { OfflinePlan } from './offline/plan-offline.ts';
import { totalSeconds } from '../simulation/score/score.ts';

/**
 * How far a policy is from what is possible. A difference to the bound is at most the true regret of the policy plus the
 * slack of the bound; the best possible policy costs something between `boundSeconds` and `planSeconds`.
 */
export interface Regret {
  readonly policySeconds: number;
  readonly boundSeconds: number;
  /** Null where the plan does not attain the objective, and so shows nothing possible. */
  readonly planSeconds: number | null;
  readonly overBoundSeconds: number;
  readonly overPlanSeconds: number | null;
  /** Over what it is compared with: 0.2 for a fifth more. Null where that is 0 or infinite. */
  readonly overBoundShare: number | null;
  readonly overPlanShare: number | null;
  /** Plan over bound: what of every regret to the bound may be the bound's own slack. */
  readonly gapShare: number | null;
  /** Whether the policy attained the objective: only then does its regret mean anything. */
  readonly attains: boolean;
}

export function regret(
  result: SimulationResult,
  bound: LowerBound,
  plan: OfflinePlan,
  attainmentShare: number,
): Regret {
  const policySeconds = totalSeconds(result.acceleratorSeconds);
  const boundSeconds = bound.acceleratorSeconds;
  const planSeconds = plan.attains ? totalSeconds(plan.result.acceleratorSeconds) : null;
  return {
    policySeconds,
    boundSeconds,
    planSeconds,
    overBoundSeconds: policySeconds - boundSeconds,
    overPlanSeconds: planSeconds === null ? null : policySeconds - planSeconds,
    overBoundShare: overShare(policySeconds, boundSeconds),
    overPlanShare: planSeconds === null ? null : overShare(policySeconds, planSeconds),
    gapShare: planSeconds === null ? null : overShare(planSeconds, boundSeconds),
    attains: result.attainmentShare >= attainmentShare,
  };
}

function overShare(seconds: number, ofSeconds: number): number | null {
  return ofSeconds > 0 && Number.isFinite(ofSeconds) ? seconds / ofSeconds - 1 : null;
}
