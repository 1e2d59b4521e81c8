import type { Policy } from '../policy.ts';

/** Always the same number: what a scaler has to be better than, and the one whose accelerator-seconds are known beforehand. */
export function makeStatic(replicas: number): Policy<null> {
  return {
    name: `static ${replicas}`,
    periodMs: 60_000,
    begin: () => null,
    decide: () => ({
      decision: { desired: replicas, reason: `always ${replicas}`, terms: { replicas } },
      state: null,
    }),
  };
}
