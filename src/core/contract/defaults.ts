import type { Contract, RolloutSection, ScalingSection } from './contract.ts';

/** What holds where a contract does not write a key. `plimsoll explain KEY` prints the same in words. */
export const defaults = {
  modelVersion: 'candidate',
  protocol: 'open-inference-v2',
  devices: 1,
  sharing: ['exclusive'],
  allow: ['native', 'minor-version', 'forward'],
  startTier: 'node-disk',
  signal: 'queue-depth',
  minReplicas: 1,
  toZero: 'never',
  warmPool: 0,
  actuator: 'plimsoll',
  gateConfidenceShare: 0.95,
  keepPreviousMs: 3_600_000,
  environment: 'default',
} as const;

/** Scaling as it holds; a contract without the section runs one replica and moves nothing. */
export function effectiveScaling(contract: Contract): ScalingSection {
  return (
    contract.scaling ?? {
      signal: defaults.signal,
      replicas: { min: defaults.minReplicas, max: defaults.minReplicas },
      toZero: defaults.toZero,
      warmPool: defaults.warmPool,
      actuator: defaults.actuator,
    }
  );
}

/** Rollout as it holds: `steps` always there, its last entry 1. */
export function effectiveRollout(contract: Contract): RolloutSection & { readonly steps: readonly number[] } {
  const rollout = contract.rollout ?? { keepPreviousMs: defaults.keepPreviousMs };
  return { ...rollout, steps: rollout.steps ?? [1] };
}
