import type { EffectInterval } from './effect.ts';

export interface StarvationCost {
  /** Accelerator-seconds that an hour under this load takes more than without the cause. */
  readonly acceleratorSecondsPerHour: number;
  /** In the currency of the price; null where no price is known. */
  readonly moneyPerHour: number | null;
}

export interface AcceleratorTerms {
  readonly accelerators: number;
  /** Share of an hour in which the service is under such load, 0 to 1. */
  readonly loadedShare: number;
  /** Of one accelerator-hour; null where it is not known. */
  readonly pricePerHour: number | null;
}

/**
 * Returns what the cause costs. Work that takes one second without it takes `1 + effect` seconds with it: of each second the
 * share `1 - 1 / (1 + effect)` is lost. One accelerator under load all the time with an effect of 1 (twice the answers) loses
 * 1,800 s an hour.
 */
export function costStarvation(
  { estimate }: EffectInterval,
  { accelerators, loadedShare, pricePerHour }: AcceleratorTerms,
): StarvationCost {
  const lostHours = accelerators * loadedShare * Math.max(0, 1 - 1 / (1 + estimate));
  return {
    acceleratorSecondsPerHour: lostHours * 3600,
    moneyPerHour: pricePerHour === null ? null : lostHours * pricePerHour,
  };
}
