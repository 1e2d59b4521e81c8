import type { ArmInterval, CanaryInterval } from '../../core/rollout/judge/canary.ts';
import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';
import type { Random } from '../../core/statistics/random.ts';

export const noUnits: ArmInterval = { units: 0, errors: 0, latency: {} };

/** Units that all took the same time. */
export const anArm = (units: number, errors = 0, latencyMs = 20): ArmInterval => ({
  units,
  errors,
  latency: units === 0 ? {} : { [latencyBinOf(latencyMs)]: units },
});

/** One second with the given arms; nothing cold, no shadow, no labels. */
export const anInterval = (
  live: ArmInterval,
  canary: ArmInterval,
  more: Partial<CanaryInterval> = {},
): CanaryInterval => ({
  atMs: 0,
  durationMs: 1_000,
  live,
  canary,
  cold: { live: noUnits, canary: noUnits },
  ...more,
});

export interface SimulatedCanary {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly share: number;
  readonly errors: { readonly live: number; readonly canary: number };
  /** Factor on the canary's latency. */
  readonly slower: number;
}

/** A trace of a step, one interval a second: latency lognormal with median 20 ms and p99 64 ms. */
export function simulateCanary(world: SimulatedCanary, random: Random): readonly CanaryInterval[] {
  return Array.from({ length: world.seconds }, (_, second) => {
    const ofCanary = Array.from({ length: world.requestsPerSecond }, () => random.nextShare() < world.share);
    const canary = ofCanary.filter(Boolean).length;
    return anInterval(
      drawnArm(world.requestsPerSecond - canary, world.errors.live, 1, random),
      drawnArm(canary, world.errors.canary, world.slower, random),
      { atMs: (second + 1) * 1_000 },
    );
  });
}

function drawnArm(units: number, errorShare: number, factor: number, random: Random): ArmInterval {
  const latency: Record<number, number> = {};
  let errors = 0;
  for (let unit = 0; unit < units; unit += 1) {
    if (random.nextShare() < errorShare) errors += 1;
    const normal = Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
    const bin = latencyBinOf(20 * factor * Math.exp(0.5 * normal));
    latency[bin] = (latency[bin] ?? 0) + 1;
  }
  return { units, errors, latency };
}
