import type { Policy } from '../policy.ts';

/** Replicas that it keeps; null before it was first asked. */
export interface HoldState {
  readonly desired: number | null;
}

/** Keeps as many replicas as it first saw, between the limits: one that ends is started again, and none is added. */
export const hold: Policy<HoldState> = {
  name: 'hold',
  periodMs: 5_000,
  begin: () => ({ desired: null }),
  decide({ replicas, terms }, state) {
    const present = replicas.filter((replica) => replica.state !== 'draining').length;
    const kept = state.desired ?? present;
    const desired = Math.min(Math.max(kept, terms.minReplicas), terms.maxReplicas);
    return {
      decision: { desired, reason: `keeps ${desired}, as it was first seen`, terms: { present, kept } },
      state: { desired },
    };
  },
};
