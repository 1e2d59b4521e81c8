import { scaleCapacity } from '../../capacity/scale-capacity.ts';
import { scaleStarts } from '../../coldstart/scale-starts.ts';
import type { SimulatedWorld, ToldEvidence } from './world.ts';

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
