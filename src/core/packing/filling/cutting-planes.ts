export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The value of a convex function at a point, and a slope (subgradient) there. */
export interface Slope extends Point {
  readonly value: number;
}

/**
 * Returns the best point found for a convex function on the rectangle from (0, 0) to `corner`.
 *
 * The method of centres of gravity (Levin 1965): the function is asked at the centroid of the polygon that may hold the
 * minimum, and its slope cuts off the half where the function is not lower. Each cut leaves at most 1 - 1/e of the area,
 * so 40 steps leave less than a 10^-8 of it.
 */
export function minimiseConvex(askSlope: (at: Point) => Slope, corner: Point, steps: number): Point {
  let polygon: readonly Point[] = [
    { x: 0, y: 0 },
    { x: corner.x, y: 0 },
    { x: corner.x, y: corner.y },
    { x: 0, y: corner.y },
  ];
  let best: Point = { x: 0, y: 0 };
  let bestValue = askSlope(best).value;
  for (let step = 0; step < steps && polygon.length > 2; step += 1) {
    const centre = findCentroid(polygon);
    const slope = askSlope(centre);
    if (slope.value < bestValue) [best, bestValue] = [centre, slope.value];
    if (slope.x === 0 && slope.y === 0) break;
    polygon = cutPolygon(polygon, centre, slope);
  }
  return best;
}

/** Keeps the part of the polygon where `slope * (point - centre) <= 0`. */
function cutPolygon(polygon: readonly Point[], centre: Point, slope: Point): readonly Point[] {
  const side = ({ x, y }: Point): number => slope.x * (x - centre.x) + slope.y * (y - centre.y);
  return polygon.flatMap((from, index) => {
    const to = polygon[(index + 1) % polygon.length] as Point;
    const [a, b] = [side(from), side(to)];
    const kept = a <= 0 ? [from] : [];
    if (a < 0 === b < 0 || a === 0 || b === 0) return kept;
    const share = a / (a - b);
    return [...kept, { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }];
  });
}

function findCentroid(polygon: readonly Point[]): Point {
  let [area, x, y] = [0, 0, 0];
  for (const [index, from] of polygon.entries()) {
    const to = polygon[(index + 1) % polygon.length] as Point;
    const cross = from.x * to.y - to.x * from.y;
    area += cross;
    x += (from.x + to.x) * cross;
    y += (from.y + to.y) * cross;
  }
  if (Math.abs(area) > 1e-30) return { x: x / (3 * area), y: y / (3 * area) };
  const count = polygon.length;
  return {
    x: polygon.reduce((sum, point) => sum + point.x, 0) / count,
    y: polygon.reduce((sum, point) => sum + point.y, 0) / count,
  };
}
