export interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Isotonic regression by pooling adjacent violators (Ayer and others 1955): the non-decreasing values nearest to the points
 * in weighted squares. Points of one x are pooled first. Returns one point for each x, in increasing order.
 */
export function isotonicRegression(points: readonly WeightedPoint[]): readonly WeightedPoint[] {
  const blocks: { xs: number[]; y: number; weight: number }[] = [];
  for (const { x, y, weight } of points.toSorted((a, b) => a.x - b.x)) {
    const last = blocks.at(-1);
    if (last?.xs.includes(x) === true) merge(last, { xs: [], y, weight });
    else blocks.push({ xs: [x], y, weight });
  }
  const pooled: typeof blocks = [];
  for (const block of blocks) {
    pooled.push({ ...block });
    for (;;) {
      const [before, last] = [pooled.at(-2), pooled.at(-1)];
      if (before === undefined || last === undefined || before.y <= last.y) break;
      merge(before, last);
      pooled.pop();
    }
  }
  return pooled.flatMap(({ xs, y, weight }) => xs.map((x) => ({ x, y, weight: weight / xs.length })));
}

function merge(
  into: { xs: number[]; y: number; weight: number },
  { xs, y, weight }: { readonly xs: readonly number[]; readonly y: number; readonly weight: number },
): void {
  into.y = (into.y * into.weight + y * weight) / (into.weight + weight);
  into.weight += weight;
  into.xs.push(...xs);
}

/** Value at x on the straight lines between points of increasing x; the first or last beyond them. @throws on no points. */
export function interpolate(points: readonly Pick<WeightedPoint, 'x' | 'y'>[], x: number): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('there is nothing to interpolate between');
  if (x <= first.x) return first.y;
  for (let at = 1; at < points.length; at += 1) {
    const [before, after] = [points[at - 1] ?? first, points[at] ?? last];
    if (x <= after.x) return before.y + ((after.y - before.y) * (x - before.x)) / (after.x - before.x);
  }
  return last.y;
}
