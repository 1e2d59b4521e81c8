import type { Point, Stroke } from './digit.ts';

/**
 * One hand-drawn path per digit, for people who cannot or do not want to draw. In units of a square of 100; each
 * stroke is a list of points through which a smooth curve is laid.
 */
const paths: readonly (readonly (readonly [number, number])[])[][] = [
  [
    [
      [56, 14],
      [38, 20],
      [27, 40],
      [28, 64],
      [40, 84],
      [58, 84],
      [71, 66],
      [73, 42],
      [66, 22],
      [52, 14],
    ],
  ],
  [
    [
      [40, 28],
      [54, 14],
      [52, 50],
      [49, 86],
    ],
  ],
  [
    [
      [29, 30],
      [40, 16],
      [60, 16],
      [69, 30],
      [62, 48],
      [44, 66],
      [28, 84],
      [50, 80],
      [74, 83],
    ],
  ],
  [
    [
      [30, 20],
      [50, 13],
      [67, 24],
      [62, 40],
      [44, 48],
      [64, 54],
      [71, 70],
      [56, 86],
      [30, 80],
    ],
  ],
  [
    [
      [34, 14],
      [30, 34],
      [29, 52],
      [50, 54],
      [74, 50],
    ],
    [
      [66, 16],
      [62, 50],
      [58, 88],
    ],
  ],
  [
    [
      [70, 15],
      [40, 16],
      [36, 46],
      [56, 43],
      [71, 58],
      [66, 78],
      [48, 87],
      [29, 80],
    ],
  ],
  [
    [
      [62, 12],
      [44, 28],
      [32, 52],
      [32, 74],
      [46, 87],
      [62, 80],
      [66, 64],
      [52, 54],
      [35, 66],
    ],
  ],
  [
    [
      [28, 18],
      [50, 17],
      [73, 16],
      [62, 42],
      [52, 64],
      [46, 88],
    ],
  ],
  [
    [
      [66, 24],
      [52, 13],
      [36, 22],
      [40, 40],
      [58, 54],
      [67, 72],
      [52, 87],
      [36, 76],
      [42, 56],
      [60, 40],
      [66, 24],
    ],
  ],
  [
    [
      [68, 26],
      [52, 14],
      [36, 26],
      [36, 44],
      [52, 50],
      [66, 38],
      [68, 26],
      [66, 54],
      [60, 88],
    ],
  ],
];

export const sampleCount = paths.length;

/** Strokes of a digit, scaled to a pad of this size. */
export function sampleStrokes(digit: number, padSize: number): readonly Stroke[] {
  const strokes = paths[digit] ?? [];
  return strokes.map((stroke) => {
    const points = stroke.map(([x, y]) => ({ x: (x * padSize) / 100, y: (y * padSize) / 100 }));
    return smooth(points);
  });
}

/** Catmull-Rom through all points: https://en.wikipedia.org/wiki/Centripetal_Catmull-Rom_spline, uniform, 8 steps a piece. */
function smooth(points: readonly Point[]): Point[] {
  const at = (index: number): Point => points[Math.max(0, Math.min(points.length - 1, index))] ?? { x: 0, y: 0 };
  const curve: Point[] = [at(0)];
  for (let index = 0; index + 1 < points.length; index += 1) {
    for (let step = 1; step <= 8; step += 1) {
      curve.push(between(at(index - 1), at(index), at(index + 1), at(index + 2), step / 8));
    }
  }
  return curve;
}

function between(before: Point, from: Point, to: Point, after: Point, t: number): Point {
  const blend = (a: number, b: number, c: number, d: number): number =>
    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
  return { x: blend(before.x, from.x, to.x, after.x), y: blend(before.y, from.y, to.y, after.y) };
}
