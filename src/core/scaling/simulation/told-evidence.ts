import { scaleCapacity } from '../../capacity/scale-capacity.ts';
import type { ReplicaCapacity } from '../../capacity/service-curve.ts';
import { scaleStarts } from '../../coldstart/scale-starts.ts';
import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { SimulatedWorld } from './world.ts';

/**
 * What the policy is told in place of the truth. Simulated replicas start and serve as the world says.
 *
 * | field | a policy uses it for |
 * |---|---|
 * | capacity | the rate and the slots that it counts on, and the target of a rule that asks for one |
 * | starts | how far ahead it orders, and when it gives up on a start |
 */
export interface ToldEvidence {
  readonly capacity: ReplicaCapacity;
  readonly starts: StartDistribution;
  /** From then on the policy is told the truth, milliseconds. Absent: never. */
  readonly untilMs?: number;
}

/** Told over real, by which evidence is made wrong in every report; 1 is right knowledge. */
export const toldFactors = [0.25, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 2, 4] as const;

/** What is told wrong: a capacity above the real one is too hopeful, a start above the real one too careful. */
export type ToldWrong = 'capacity' | 'start';

/** The world with one kind of evidence told `factor` times as large as it is. With factor 1 the policy decides as with none. */
export function withToldFactor(world: SimulatedWorld, wrong: ToldWrong, factor: number): SimulatedWorld {
  const { capacity, starts } = world;
  const told: ToldEvidence =
    wrong === 'capacity'
      ? { capacity: scaleCapacity(capacity, factor), starts }
      : { capacity, starts: scaleStarts(starts, factor) };
  return { ...world, told };
}
