import type { KernelTarget } from './image-facts.ts';

/**
 * The target that compilers write `sm_90a`, from its number and suffix: the last digit is the minor capability. Null for a
 * number that cannot be one.
 */
export function targetOf(sm: number, suffix: KernelTarget['suffix']): KernelTarget | null {
  if (!Number.isInteger(sm) || sm < 10 || sm > 999) return null;
  return { capability: `${Math.floor(sm / 10)}.${sm % 10}`, suffix };
}

/** `sm_90a`, as compilers and cuobjdump write it. */
export const smOf = ({ capability, suffix }: KernelTarget): string => `sm_${capability.replace('.', '')}${suffix}`;

/** Distinct, and sorted by capability, then without suffix first. */
export function sortTargets(targets: readonly KernelTarget[]): readonly KernelTarget[] {
  const distinct = new Map(targets.map((target) => [smOf(target), target]));
  return [...distinct.values()].sort((a, b) => rank(a) - rank(b) || (a.suffix < b.suffix ? -1 : 1));
}

const rank = ({ capability }: KernelTarget): number => Number(capability.replace('.', ''));
