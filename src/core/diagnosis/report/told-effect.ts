import { formatEffect } from '../finding/decide-finding.ts';
import type { EffectInterval } from '../finding/effect.ts';

/** An effect as JSON has it: null stands for a limit that is not there. */
export interface ToldEffect {
  readonly estimate: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Returns the effect as JSON has it: too few rounds leave a lower limit of -1 and an upper one of Infinity, which JSON has not. */
export const tellEffect = ({ estimate, lower, upper }: EffectInterval): ToldEffect => ({
  estimate,
  lower: lower <= -1 ? null : lower,
  upper: upper === Infinity ? null : upper,
});

/** Returns the effect that was told. */
export const readEffect = ({ estimate, lower, upper }: ToldEffect): EffectInterval => ({
  estimate,
  lower: lower ?? -1,
  upper: upper ?? Infinity,
});

/** `42% more answers (at least 31%, at most 55%)`. */
export const effectWords = (told: ToldEffect): string => formatEffect(readEffect(told));
