import { scaleCapacity } from '../../src/core/capacity/scale-capacity.ts';
import { startDistribution } from '../../src/core/coldstart/start-distribution.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { totalSeconds } from '../../src/core/scaling/simulation/score/score.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { quantile } from '../gateway/open-loop.ts';
import type { LiveRun } from './live-run.ts';
import { capacity, deadlineMs, endOf, objective, type Scenario } from './scenario.ts';
import { platform, shiftInput } from './warm-policy.ts';

/** Of the scored time of one run, measured or simulated. */
export interface Outcome {
  readonly requests: number;
  /** Inside the objective; what was dropped or failed counts against it. */
  readonly attainmentShare: number;
  readonly dropped: number;
  /** Of answered requests. */
  readonly latencyMeanMs: number;
  readonly latencyP95Ms: number;
  readonly acceleratorSeconds: number;
  /** Changes of the desired count. */
  readonly steps: number;
  readonly mostReplicas: number;
}

export function measuredOutcome(run: LiveRun, { settleMs }: Scenario): Outcome {
  const requests = run.requests.filter(({ arrivedAtMs }) => arrivedAtMs >= settleMs);
  const latenciesMs = requests.flatMap(({ arrivedAtMs, endedAtMs }) =>
    endedAtMs === null ? [] : [endedAtMs - arrivedAtMs],
  );
  return {
    requests: requests.length,
    ...latencyOutcome(latenciesMs, requests.length),
    acceleratorSeconds: run.acceleratorSeconds,
    ...stepsOf(run.decisions.filter(({ atMs }) => atMs >= settleMs).map(({ desired }) => desired)),
  };
}

/**
 * The same arrivals in the simulator, with the starts and the service time that were measured in the run. The policy begins
 * with what it remembered at the first arrival. `told` is told over real capacity.
 */
export function simulatedOutcome(run: LiveRun, policy: Policy, scenario: Scenario, told: number): Outcome {
  const latenciesMs: number[] = [];
  const desired: number[] = [];
  const workMs = run.serviceMs ?? capacity.serviceMs;
  const offsetMs = 1e12;
  const shifted: Policy = {
    ...policy,
    begin: () => policy.begin(offsetMs),
    decide: (input, state) =>
      policy.decide(
        shiftInput({ ...input, capacity: scaleCapacity(capacity, told), starts: platform.starts }, offsetMs),
        state,
      ),
  };
  const observed = run.startsMs.map((totalMs) => ({ totalMs, outcome: 'ready' as const, phases: [] }));
  const arrivals = run.requests.map(({ arrivedAtMs }) => ({ atMs: arrivedAtMs, workMs }));
  const result = simulate(
    {
      ...platform,
      arrivals: () => arrivals.values(),
      endMs: endOf(scenario),
      scoreFromMs: scenario.settleMs,
      starts: observed.length === 0 ? platform.starts : startDistribution(observed),
      initialReplicas: run.initialReplicas,
    },
    shifted,
    seededRandom(run.seed),
    {
      // A gateway cuts at the deadline what a replica has begun, and the replica works on it to its end all the same.
      onAnswer: (arrivedAtMs, _takenAtMs, endedAtMs) => {
        if (endedAtMs - arrivedAtMs <= deadlineMs) latenciesMs.push(endedAtMs - arrivedAtMs);
      },
      onDecision: ({ nowMs }, decision) => {
        if (nowMs >= scenario.settleMs) desired.push(decision.desired);
      },
    },
  );
  return {
    requests: result.requests,
    ...latencyOutcome(latenciesMs, result.requests),
    acceleratorSeconds: totalSeconds(result.acceleratorSeconds),
    ...stepsOf(desired),
  };
}

function latencyOutcome(
  latenciesMs: readonly number[],
  requests: number,
): Pick<Outcome, 'attainmentShare' | 'dropped' | 'latencyMeanMs' | 'latencyP95Ms'> {
  return {
    attainmentShare: latenciesMs.filter((ms) => ms <= objective.latencyMs).length / requests,
    dropped: requests - latenciesMs.length,
    latencyMeanMs: latenciesMs.reduce((sum, ms) => sum + ms, 0) / latenciesMs.length,
    latencyP95Ms: quantile(latenciesMs, 0.95),
  };
}

const stepsOf = (desired: readonly number[]): Pick<Outcome, 'steps' | 'mostReplicas'> => ({
  steps: desired.filter((count, at) => at > 0 && count !== desired[at - 1]).length,
  mostReplicas: Math.max(0, ...desired),
});
