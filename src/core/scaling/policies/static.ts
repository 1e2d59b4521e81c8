import type { Policy } from '../policy.ts';
import { withinTerms } from './replica-counts.ts';

/** Always the same count, inside the terms: what is paid without a scaler. Looks at no signal. */
export function makeStatic(replicas: number): Policy<null> {
  return {
    name: `static-${replicas}`,
    periodMs: 60_000,
    blind: true,
    begin: () => null,
    decide({ terms }) {
      const desired = withinTerms(replicas, terms);
      return {
        decision: { desired, reason: `always ${replicas}, ${desired} inside the terms`, terms: { replicas } },
        state: null,
      };
    },
    rest: (_, state, { decisions }) => ({ decisions, state }),
  };
}
