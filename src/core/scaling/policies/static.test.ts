import { expect, test } from 'vitest';
import { makePolicyInput } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeStatic } from './static.ts';

test.each([
  { replicas: 3, terms: {}, want: 3 },
  { replicas: 30, terms: { maxReplicas: 5 }, want: 5 },
  { replicas: 0, terms: { minReplicas: 0 }, want: 1 },
  { replicas: 0, terms: { minReplicas: 0, toZero: true }, want: 0 },
])('always $replicas, inside the terms: $want', ({ replicas, terms, want }) => {
  const decided = makeStatic(replicas).decide(makePolicyInput({ terms, signals: { queueDepth: 900 } }), null);
  expect(decided.decision.desired).toBe(want);
});
