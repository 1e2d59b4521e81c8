import type { Policy, PolicyInput } from '../../src/core/scaling/policy.ts';
import { withToldFactor } from '../../src/core/scaling/simulation/told-evidence.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { capacity, deadlineMs, drawArrivals, queueLimit, statedStarts, terms, type Scenario } from './scenario.ts';

/** What of a simulated world is the same in the warm-up and in the runs. */
export const platform = {
  capacity,
  starts: statedStarts,
  terms,
  queueLimit,
  dropAfterMs: deadlineMs,
  // Gateways report once a second; a decision reads the last report, on average half of that later.
  metricPeriodMs: 1_000,
  metricLagMs: 500,
  restartBackoffMs: 1_000,
  drainAtMostMs: 60_000,
  stockOuts: [],
} satisfies Partial<SimulatedWorld>;

/**
 * The policy with what it remembers after base traffic of so long, which the simulator gives it before it is first asked: a
 * policy that learns needs more of it than a measurement can wait for.
 *
 * @param told told over real capacity
 */
export function warmPolicy(policy: Policy, { basePerSecond }: Scenario, warmUpMs: number, told: number): Policy {
  if (warmUpMs === 0) return policy;
  return { ...policy, begin: (nowMs) => warmed(policy, basePerSecond, { warmUpMs, told }, nowMs) };
}

function warmed(
  policy: Policy,
  basePerSecond: number,
  { warmUpMs, told }: { readonly warmUpMs: number; readonly told: number },
  endsAtMs: number,
): unknown {
  const base = { basePerSecond, surgeFactor: 1, settleMs: 0, baseMs: warmUpMs, surgeMs: 0, afterMs: 0 };
  const arrivals = drawArrivals(base, 1_000).map((atMs) => ({ atMs, workMs: capacity.serviceMs }));
  const beganMs = endsAtMs - warmUpMs;
  let last = policy.begin(beganMs);
  const shifted: Policy = {
    ...policy,
    begin: () => last,
    decide(input, state) {
      const decided = policy.decide(shiftInput(input, beganMs), state);
      last = decided.state;
      return decided;
    },
  };
  const world: SimulatedWorld = {
    ...platform,
    arrivals: () => arrivals.values(),
    endMs: warmUpMs,
    scoreFromMs: 0,
    initialReplicas: 1,
  };
  simulate(withToldFactor(world, 'capacity', told), shifted, seededRandom(1));
  return last;
}

/** The same at another time of the day. */
export function shiftInput(input: PolicyInput, byMs: number): PolicyInput {
  return {
    ...input,
    nowMs: input.nowMs + byMs,
    signals: { ...input.signals, atMs: input.signals.atMs + byMs },
    replicas: input.replicas.map((replica) => ({
      ...replica,
      orderedAtMs: replica.orderedAtMs + byMs,
      readyAtMs: replica.readyAtMs === null ? null : replica.readyAtMs + byMs,
    })),
  };
}
