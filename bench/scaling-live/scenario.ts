import type { ReplicaCapacity } from '../../src/core/capacity/service-curve.ts';
import type { StartDistribution } from '../../src/core/coldstart/start-distribution.ts';
import type { ScalingTerms } from '../../src/core/scaling/policy.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';

/** Base traffic, then `surgeFactor` times as much within a second, then base traffic again. Lengths in milliseconds. */
export interface Scenario {
  readonly basePerSecond: number;
  readonly surgeFactor: number;
  /** Base traffic that is served and not scored. */
  readonly settleMs: number;
  readonly baseMs: number;
  readonly surgeMs: number;
  readonly afterMs: number;
}

export const wholeScenario: Scenario = {
  basePerSecond: 12,
  surgeFactor: 8,
  settleMs: 10_000,
  baseMs: 20_000,
  surgeMs: 60_000,
  afterMs: 75_000,
};

export const quickScenario: Scenario = {
  ...wholeScenario,
  settleMs: 5_000,
  baseMs: 10_000,
  surgeMs: 30_000,
  afterMs: 30_000,
};

export const endOf = ({ settleMs, baseMs, surgeMs, afterMs }: Scenario): number =>
  settleMs + baseMs + surgeMs + afterMs;

const rampMs = 1_000;

/** Poisson arrivals of that rate by thinning (Lewis and Shedler 1979), milliseconds from the beginning on. */
export function drawArrivals(scenario: Scenario, seed: number): readonly number[] {
  const random = seededRandom(seed);
  const mostPerSecond = scenario.basePerSecond * scenario.surgeFactor;
  const arrivals: number[] = [];
  for (let atMs = 0; ;) {
    atMs -= (Math.log(1 - random.nextShare()) * 1_000) / mostPerSecond;
    if (atMs >= endOf(scenario)) return arrivals;
    if (random.nextShare() * mostPerSecond < rateAt(scenario, atMs)) arrivals.push(atMs);
  }
}

function rateAt({ basePerSecond, surgeFactor, settleMs, baseMs, surgeMs }: Scenario, atMs: number): number {
  const intoMs = atMs - settleMs - baseMs;
  if (intoMs < 0 || intoMs >= surgeMs) return basePerSecond;
  return basePerSecond * (1 + (surgeFactor - 1) * Math.min(1, intoMs / rampMs));
}

const slots = 4;
const workMs = 200;
const startMs = 10_000;

/** What one replica is told to be. */
export const pacedWords = ['--curve', `slots:${slots},${workMs}ms`, '--start', `weights-load:${startMs / 1_000}s`];

/** As `plimsoll capacity` finds it: of 20 requests/s at the most, 18 with nineteen of twenty inside a second. */
export const capacity: ReplicaCapacity = {
  curve: { kind: 'slots', slots, speeds: Array<number>(slots).fill(1), meanWorkMs: workMs },
  ratePerSecond: 18,
  concurrency: slots,
  serviceMs: workMs,
};

/** What policies are told of a start: what is waited out, and half a second for the process and its admission. */
export const statedStarts: StartDistribution = { timesMs: [startMs + 500], shares: [1], failureShare: 0, starts: 0 };

export const objective = { latencyMs: 1_000, attainmentShare: 0.95 };
/** Until the head of an answer; a client waits no longer. */
export const deadlineMs = 2_000;
export const queueLimit = 1_000;
export const replicas = { min: 1, max: 8 };

/** As the control plane has them where the contract states none. */
export const prices = { acceleratorSecondPrice: 1, lateRequestPrice: 0 };

export const terms: ScalingTerms = {
  minReplicas: replicas.min,
  maxReplicas: replicas.max,
  toZero: false,
  warmPool: 0,
  ...objective,
  ...prices,
};
