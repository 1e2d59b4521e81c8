/**
 * A drawn digit as the digits models were trained on it: 28x28, anti-aliased, the ink scaled into a box of 20x20 with
 * its proportions kept and placed so that its centre of mass is the centre of the image
 * (http://yann.lecun.com/exdb/mnist/, "normalized to fit in a 20x20 pixel box ... center of mass").
 *
 * The pen's path is scaled, not its pixels: a digit drawn small and one drawn large get strokes of the same width,
 * as in the training images.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Stroke = readonly Point[];

export const imageSize = 28;
export const imagePixels = imageSize * imageSize;
const boxSize = 20;
/** Pixels of the image. With 2.6 the drawn samples have the mean ink of the training images (0.13 of full). */
const penWidth = 2.6;
const penEdge = 1.1;

/** Row-major, 0 (paper) to 1 (ink). All zero when nothing is drawn. */
export function digitImage(strokes: readonly Stroke[]): readonly number[] {
  const box = boundingBox(strokes);
  if (box === null) return new Array<number>(imagePixels).fill(0);
  const scale = scaleOf(box);
  const halfWidth = ((box.right - box.left) * scale) / 2;
  const halfHeight = ((box.bottom - box.top) * scale) / 2;
  const centred = strokes.map((stroke) =>
    stroke.map((point) => ({
      x: (point.x - (box.left + box.right) / 2) * scale + imageSize / 2,
      y: (point.y - (box.top + box.bottom) / 2) * scale + imageSize / 2,
    })),
  );
  const mass = centreOfMass(rasterize(centred));
  const dx = keepInside(imageSize / 2 - mass.x, halfWidth);
  const dy = keepInside(imageSize / 2 - mass.y, halfHeight);
  const placed = centred.map((stroke) => stroke.map((point) => ({ x: point.x + dx, y: point.y + dy })));
  return rasterize(placed).map((ink) => Math.round(ink * 1000) / 1000);
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boundingBox(strokes: readonly Stroke[]): Box | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  return {
    left: Math.min(...points.map((point) => point.x)),
    right: Math.max(...points.map((point) => point.x)),
    top: Math.min(...points.map((point) => point.y)),
    bottom: Math.max(...points.map((point) => point.y)),
  };
}

/** A dot has no size to scale: it stays a dot. */
function scaleOf(box: Box): number {
  const size = Math.max(box.right - box.left, box.bottom - box.top);
  return size < 1e-6 ? 1 : (boxSize - penWidth) / size;
}

/** A shift that keeps ink of this half extent inside the image. */
function keepInside(shift: number, halfExtent: number): number {
  const room = imageSize / 2 - halfExtent - penWidth / 2;
  return Math.max(-room, Math.min(room, shift));
}

/** Ink by the distance of each pixel's centre from the path: full inside the pen, fading over `penEdge` pixels. */
function rasterize(strokes: readonly Stroke[]): number[] {
  const image = new Array<number>(imagePixels).fill(0);
  const reach = penWidth / 2 + penEdge;
  for (const [from, to] of strokes.flatMap(segmentsOf)) {
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(imageSize - 1, Math.ceil(Math.max(from.x, to.x) + reach));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(imageSize - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const distance = distanceToSegment({ x: x + 0.5, y: y + 0.5 }, from, to);
        const ink = (penWidth / 2 + penEdge / 2 - distance) / penEdge;
        const at = y * imageSize + x;
        image[at] = Math.max(image[at] ?? 0, Math.min(1, ink));
      }
    }
  }
  return image;
}

function segmentsOf(stroke: Stroke): [Point, Point][] {
  const first = stroke[0];
  if (first === undefined) return [];
  if (stroke.length === 1) return [[first, first]];
  return stroke.slice(1).map((to, index) => [stroke[index] ?? to, to]);
}

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / lengthSquared;
  const clamped = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - from.x - clamped * dx, point.y - from.y - clamped * dy);
}

/** In pixels from the image's corner; the middle when there is no ink. */
export function centreOfMass(image: readonly number[]): Point {
  let ink = 0;
  let x = 0;
  let y = 0;
  image.forEach((value, at) => {
    ink += value;
    x += value * ((at % imageSize) + 0.5);
    y += value * (Math.floor(at / imageSize) + 0.5);
  });
  return ink === 0 ? { x: imageSize / 2, y: imageSize / 2 } : { x: x / ink, y: y / ink };
}

/** Ends of the hand's tremor: a point nearer than this to the last one adds nothing but bytes. */
const nearestPoint = 1.5;
/** A drawing of more points than this is a scribble; what follows is not recorded. */
export const maxPoints = 4_000;

export function extendStroke(stroke: Stroke, point: Point): Stroke {
  const last = stroke.at(-1);
  if (last !== undefined && Math.hypot(point.x - last.x, point.y - last.y) < nearestPoint) return stroke;
  return stroke.length >= maxPoints ? stroke : [...stroke, point];
}
