import type { ScalingFacts } from '../../../core/scaling/acting/scaling-facts.ts';
import type { Policy } from '../../../core/scaling/policy.ts';

/** What a test orders; it may change at any time. */
export interface ToldScale {
  desired: number;
  asleep: number;
}

/** A policy that orders what the test says, twice a second. */
export function makeToldPolicy(told: ToldScale): Policy<null> {
  return {
    name: 'told',
    periodMs: 500,
    begin: () => null,
    decide: () => ({ decision: { ...told, reason: 'the test says so', terms: {} }, state: null }),
  };
}

/** Facts of a service of which one replica may sleep, so that whoever is asked can order. */
export const sleepingFacts: ScalingFacts = {
  actuator: 'plimsoll',
  warmPool: 0,
  zeroProven: false,
  objective: { latencyMs: 2_000, attainmentShare: 0.99 },
  starts: null,
  capacity: {
    curve: { kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 5 },
    ratePerSecond: 100,
    concurrency: 1,
    serviceMs: 5,
  },
  prices: { acceleratorSecondPrice: 1, lateRequestPrice: 1 },
  sleep: { replicas: 1, wakeMs: 5_000, priceShare: 0.2 },
};
