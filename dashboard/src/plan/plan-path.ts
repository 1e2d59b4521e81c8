import type { Limits } from '../../../src/core/packing/plan-ahead/service-need.ts';

/** Width and height of the coordinates that paths are in: a plot stretches them to its own. */
export const side = 100;

/** `x,y` of each value in the middle of its week, in coordinates of `side`. */
function pointsOf(values: readonly number[], top: number): readonly string[] {
  return values.map((value, at) => {
    const [x, y] = [(side * (at + 0.5)) / values.length, side * (1 - value / top)];
    return `${x.toFixed(2)},${y.toFixed(2)}`;
  });
}

const estimates = (values: readonly Limits[]): readonly number[] => values.map(({ estimate }) => estimate);

/** The estimates as a line. @param top value at the top of the plot */
export const linePath = (values: readonly Limits[], top: number): string =>
  values.length === 0 ? '' : `M${pointsOf(estimates(values), top).join('L')}`;

/** The intervals as a band. @param top as `linePath` */
export function bandPath(values: readonly Limits[], top: number): string {
  if (values.length === 0) return '';
  const upper = pointsOf(
    values.map((each) => each.upper),
    top,
  );
  const lower = pointsOf(
    values.map((each) => each.lower),
    top,
  );
  return `M${[...upper, ...lower.toReversed()].join('L')}Z`;
}
