import { canonicalJson } from '../../units/digest.ts';
import type { Policy, PolicyInput, ScalingDecision } from '../policy.ts';
import { makeOrder, type ScaleOrder } from './scale-order.ts';

/** All that one decision depends on. JSON-safe, so that what is recorded is what was decided on. */
export interface DecisionGrounds {
  readonly input: PolicyInput;
  /** What the policy remembered before. */
  readonly state: unknown;
  /** Replicas that were ordered up to then. */
  readonly orderedBefore: number;
}

export interface DecidedScaling {
  /** As the policy saw them: through JSON, as a replay reads them. */
  readonly grounds: DecisionGrounds;
  readonly decision: ScalingDecision;
  readonly order: ScaleOrder;
  /** What the policy remembers from now on. */
  readonly state: unknown;
}

/**
 * Asks a policy. It sees its grounds as a record of them would give them back (keys sorted, no undefined member, no negative
 * zero), so that a replay from the record cannot differ by the way that it took.
 * @throws TypeError where grounds or answer hold what JSON cannot carry; PlimsollError `policy-broken`; whatever it throws.
 */
export function decideScaling(policy: Policy, grounds: DecisionGrounds): DecidedScaling {
  const seen = throughJson(grounds);
  const answer = policy.decide(seen.input, throughJson(seen.state));
  const decision = throughJson(answer.decision);
  return {
    grounds: seen,
    decision,
    order: makeOrder(decision, seen.input, seen.orderedBefore),
    state: throughJson(answer.state),
  };
}

/** As JSON gives it back. @throws TypeError for a number that JSON cannot carry. */
function throughJson<T>(value: T): T {
  return JSON.parse(canonicalJson(value)) as T;
}
