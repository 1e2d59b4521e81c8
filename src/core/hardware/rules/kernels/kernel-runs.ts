import type { KernelTarget } from '../../../image/image-facts.ts';
import { capabilities } from '../../tables/capabilities.ts';
import { capabilityNumber, majorOf } from '../numbers.ts';

const tegra = new Set(capabilities.filter((row) => row.tegra).map((row) => capabilityNumber(row.capability)));

/**
 * Whether machine code runs on a device as it is.
 *
 * | target | runs on |
 * |---|---|
 * | `sm_80` | 8.0, 8.6, 8.9: the same major, an equal or higher minor |
 * | `sm_90a` | 9.0 only |
 * | `sm_100f` | 10.0, 10.3: its family, which is the same major, an equal or higher minor |
 * | any, where one of the two is Tegra (8.7, 10.1, 11.0, ...) | exactly that capability |
 */
export function cubinRuns({ capability: text, suffix }: KernelTarget, device: number): boolean {
  const target = capabilityNumber(text);
  if (target === null) return false;
  if (target === device) return true;
  if (suffix === 'a' || tegra.has(target) || tegra.has(device)) return false;
  return majorOf(target) === majorOf(device) && device > target;
}

/**
 * Whether PTX can be compiled for a device when it is loaded: `compute_80` on any equal or later capability, `compute_90a`
 * on 9.0 only, `compute_100f` inside its family.
 */
export function ptxCompiles({ capability: text, suffix }: KernelTarget, device: number): boolean {
  const target = capabilityNumber(text);
  if (target === null) return false;
  switch (suffix) {
    case 'a':
      return device === target;
    case 'f':
      return cubinRuns({ capability: text, suffix }, device);
    case '':
      return device >= target;
  }
}

/** `sm_90a`, or `compute_90a` for PTX. */
export const targetText = (kind: 'sm' | 'compute', { capability, suffix }: KernelTarget): string =>
  `${kind}_${capability.replace('.', '')}${suffix}`;
