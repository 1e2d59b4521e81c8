import type { QuantileBudget } from '../../src/core/contract/contract.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import type { SimulatedPlan } from './measure-simulated.ts';
import type { SimulatedService, WorkKind } from './simulated-replica.ts';

/** One simulated service, and how it is measured. */
export interface World {
  readonly name: string;
  readonly service: SimulatedService;
  readonly plan: SimulatedPlan;
}

const works: readonly WorkKind[] = ['fixed', 'exponential', 'lognormal', 'pareto', 'bimodal'];
const shapes = ['slots-1', 'slots-4', 'slots-16', 'batch'] as const;

/** How a replica slows down. */
export const decays = ['slowly', 'faster-and-faster', 'at-once', 'each-horizon', 'half-of-each-horizon'] as const;
export type Decay = 'steady' | (typeof decays)[number];

const pick = <T>(values: readonly T[], random: Random): T => values[random.nextBelow(values.length)] as T;
const between = (low: number, high: number, random: Random): number => low * (high / low) ** random.nextShare();

/**
 * The service of a seed: slots or batches, five kinds of work, lognormal noise of up to 10% that lasts for a tenth of a
 * request up to a horizon, objectives of p90, p95 or p99 at 2 to 12 times the mean, horizons of 500 to 5,000 requests.
 */
export function makeWorld(seed: number, decay: Decay, lostShare: number): World {
  const random = seededRandom(seed);
  const work = works[seed % works.length] ?? 'fixed';
  const shapeName = pick(shapes, random);
  const meanWorkMs = between(5, 500, random);
  const slots = shapeName === 'batch' ? 16 : Number(shapeName.slice(6));
  const shape =
    shapeName === 'batch'
      ? { kind: 'batch' as const, batchMs: Array.from({ length: slots }, (_, at) => meanWorkMs * (1 + 0.1 * at)) }
      : { kind: 'slots' as const, slots };
  const mostPerSecond = mostPerSecondOf({ shape, meanWorkMs });
  const horizonMs = (between(500, 5_000, random) / mostPerSecond) * 1_000;
  const noiseSigma = pick([0, 0.03, 0.1], random);
  const noiseMs = pick([0.1 * meanWorkMs, 20 * meanWorkMs, 0.2 * horizonMs, horizonMs], random);
  const objective: QuantileBudget = {
    [pick(['p90', 'p95', 'p99'] as const, random)]: meanWorkMs * between(2, 12, random),
  };
  const plan = { objective, horizonMs, horizons: 14, answers: 300 };
  const overMs = plan.horizons * horizonMs;
  const stepMs = random.nextShare() * overMs;
  const speedAt = speedOf(decay, lostShare, { overMs, stepMs, horizonMs });
  return {
    name: `${shapeName} ${work} noise ${noiseSigma}`,
    service: { shape, work, meanWorkMs, noiseSigma, noiseMs, speedAt },
    plan,
  };
}

/** Requests a second that a service answers at most, without noise. */
export function mostPerSecondOf({ shape, meanWorkMs }: Pick<SimulatedService, 'shape' | 'meanWorkMs'>): number {
  return shape.kind === 'slots'
    ? (1_000 * shape.slots) / meanWorkMs
    : (1_000 * shape.batchMs.length) / (shape.batchMs.at(-1) ?? NaN);
}

/**
 * | decay | speed |
 * |---|---|
 * | slowly | less by so much after `overMs`, in proportion to the time, and on from there |
 * | faster and faster | the same, in proportion to the square of the time |
 * | at once | less by so much from `stepMs` on |
 * | each horizon | less by so much at the end of each run of a horizon, in proportion to the time |
 * | half of each horizon | less by so much from the middle of a horizon on |
 */
function speedOf(
  decay: Decay,
  lostShare: number,
  { overMs, stepMs, horizonMs }: { readonly overMs: number; readonly stepMs: number; readonly horizonMs: number },
): SimulatedService['speedAt'] {
  switch (decay) {
    case 'steady':
      return () => 1;
    case 'slowly':
      return (ms) => Math.max(0.05, 1 - (lostShare * ms) / overMs);
    case 'faster-and-faster':
      return (ms) => Math.max(0.05, 1 - lostShare * (ms / overMs) ** 2);
    case 'at-once':
      return (ms) => (ms < stepMs ? 1 : 1 - lostShare);
    case 'each-horizon':
      return (_, ofRunMs) => Math.max(0.05, 1 - (lostShare * ofRunMs) / horizonMs);
    case 'half-of-each-horizon':
      return (_, ofRunMs) => (ofRunMs < horizonMs / 2 ? 1 : 1 - lostShare);
  }
}

/** Share of its speed that the replica lost between two moments of the measurement, or within a horizon. */
export function lostBetween({ service, plan }: World, decay: Decay, fromMs: number, toMs: number): number {
  return decay === 'each-horizon' || decay === 'half-of-each-horizon'
    ? 1 - service.speedAt(0, plan.horizonMs)
    : 1 - service.speedAt(toMs, 0) / service.speedAt(fromMs, 0);
}
