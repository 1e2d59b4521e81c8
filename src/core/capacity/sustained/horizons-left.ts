import { horizonsUsual } from './candidates.ts';
import type { NextHorizon } from './next-horizon.ts';

/** Horizons for the upper limit, where the first rate that is tried for it fails. */
const usualUpper = 2;

/**
 * How many horizons are left, the next one included, where each goes as it should; 0 when there is no next.
 *
 * @param horizons of a candidate for the lower limit
 */
export function horizonsLeft(next: NextHorizon | null, horizons: number): number {
  if (next === null) return 0;
  switch (next.kind) {
    case 'locate':
      return horizonsUsual(horizons);
    case 'lower':
      return next.left + usualUpper;
    case 'upper':
      return next.left;
  }
}
