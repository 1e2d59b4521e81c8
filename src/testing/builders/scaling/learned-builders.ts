import type { LearnedEvidence, LearnedRatio, Policy } from '../../../core/scaling/policy.ts';
import { reactivePolicy, type ReactiveState } from './reactive-policy.ts';

/** A ratio of so narrow an interval, by a thousand answers or starts. */
export function aRatio(estimate: number, over: Partial<LearnedRatio> = {}): LearnedRatio {
  return { estimate, lower: estimate * 0.95, upper: estimate * 1.05, samples: 1_000, ...over };
}

/** Live data that agree with the evidence, but for what is said. */
export function aLearned(over: Partial<LearnedEvidence> = {}): LearnedEvidence {
  return { capacity: aRatio(1), starts: aRatio(1), trusted: true, distrustedSinceMs: null, ...over };
}

/** Decides as `reactivePolicy`, and says of its evidence what the test says at that moment. */
export function tellingPolicy(requestsEach: number, learned: () => LearnedEvidence): Policy<ReactiveState> {
  const reactive = reactivePolicy(requestsEach);
  return {
    ...reactive,
    name: 'telling',
    decide(input, state) {
      const decided = reactive.decide(input, state);
      return { ...decided, decision: { ...decided.decision, learned: learned() } };
    },
  };
}
